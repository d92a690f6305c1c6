/** Where the user stood in each list, so that coming back from a record finds the same row and filter. Lost on reload. */
import { create } from 'zustand';
import type { StatusFilter } from './grid-toolbar.tsx';

interface GridPlace {
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

type GridFilter = Pick<GridPlace, 'typed' | 'status'>;

export function useGridFilter(name: string): readonly [GridFilter, (change: Partial<GridFilter>) => void] {
  const typed = usePlaces((state) => (state.places[name] ?? START).typed);
  const status = usePlaces((state) => (state.places[name] ?? START).status);
  const put = usePlaces((state) => state.put);
  return [{ typed, status }, (change) => put(name, change)];
}

/** The current row, apart from the rest: it moves with every arrow key, and only the body of the grid need follow. */
export function useGridRow(name: string): readonly [string, (rowId: string) => void] {
  const rowId = usePlaces((state) => (state.places[name] ?? START).rowId);
  const put = usePlaces((state) => state.put);
  return [rowId, (next) => put(name, { rowId: next })];
}
