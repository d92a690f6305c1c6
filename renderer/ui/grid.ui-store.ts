/** Where the user stood in each list, so that coming back from a record finds the same row and filter. Lost on reload. */
import { create } from 'zustand';
import type { StatusFilter } from './grid-toolbar.tsx';

export interface GridPlace {
  readonly typed: string;
  readonly status: StatusFilter;
  /** Id of the current row; '' for the first. */
  readonly rowId: string;
}
const START: GridPlace = { typed: '', status: 'active', rowId: '' };

interface GridPlaces {
  readonly places: Readonly<Record<string, GridPlace>>;
  readonly put: (name: string, change: Partial<GridPlace>) => void;
}

const usePlaces = create<GridPlaces>()((set) => ({
  places: {},
  put: (name, change) => set(({ places }) => ({ places: { ...places, [name]: { ...(places[name] ?? START), ...change } } })),
}));

export function useGridPlace(name: string): readonly [GridPlace, (change: Partial<GridPlace>) => void] {
  const place = usePlaces((state) => state.places[name] ?? START);
  const put = usePlaces((state) => state.put);
  return [place, (change) => put(name, change)];
}
