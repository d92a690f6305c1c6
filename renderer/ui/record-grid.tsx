/** The one list of the desk: virtual rows over local records, sorted, filtered and walked by keyboard. */
import { type ReactNode, useDeferredValue, useMemo } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { useCompany } from '../data/live.ts';
import { filterRecords, gridColumn, sortRecords } from './grid-columns.ts';
import { type GridState, GridTable } from './grid-table.tsx';
import { useGridFilter } from './grid.ui-store.ts';
import { GridToolbar, type StatusFilter } from './grid-toolbar.tsx';
import { Empty } from './page.tsx';
import { useSetting } from './use-setting.ts';
import { useTitles } from './use-titles.ts';
import type { FacedView } from './view-book.tsx';

export interface RecordGridProps {
  readonly faced: FacedView;
  readonly records: readonly AnyDocument[];
  readonly ready: boolean;
  /** How many there are in all while only the first have been read. */
  readonly total?: number;
  /** Under this name the device remembers columns and order. */
  readonly name: string;
  readonly onOpen: (record: AnyDocument) => void;
  /** Columns that say nothing here, such as the supplier on a supplier's page. */
  readonly without?: readonly string[];
  readonly actions?: ReactNode;
  readonly emptyAction?: ReactNode;
  /** Takes its height from its rows (tabs of a hub) instead of filling the window. */
  readonly compact?: boolean;
}

const NOTHING: readonly string[] = [];
const isGridState = (stored: unknown): stored is GridState => {
  if (typeof stored !== 'object' || stored === null) return false;
  const { sort, hidden, widths } = stored as Partial<GridState>;
  return typeof sort?.key === 'string' && Array.isArray(hidden) && typeof widths === 'object';
};

/** Keys of all columns this grid could show, and which are on at first. */
function useColumnKeys(faced: FacedView, without: readonly string[]): readonly string[] {
  return useMemo(() => [...faced.face.columns, ...(faced.face.spare ?? [])].filter((key) => !without.includes(key)), [faced, without]);
}

export function RecordGrid({
  faced,
  records,
  ready,
  total = records.length,
  name,
  onOpen,
  without = NOTHING,
  actions,
  emptyAction,
  compact = false,
}: RecordGridProps) {
  const { view } = faced;
  const { entity } = view.noun;
  const keys = useColumnKeys(faced, without);
  const titles = useTitles(entity, keys, records);
  const { options: lists } = useCompany();
  const columns = useMemo(
    () => keys.map((key, i) => gridColumn(entity, key, titles, view.widths?.[key] ?? (i === 0 ? 230 : undefined), lists)),
    [entity, keys, titles, view, lists],
  );
  const fallback = useMemo<GridState>(
    () => ({
      sort: { key: faced.face.sort.key, descending: faced.face.sort.descending === true },
      hidden: faced.face.spare ?? NOTHING,
      widths: {},
    }),
    [faced],
  );
  const [state, setState] = useSetting(`grid:${name}`, fallback, isGridState);
  const [{ typed, status }, setFilter] = useGridFilter(name);
  const wanted = useDeferredValue(typed);
  const shown = useMemo(() => {
    const kept = status === 'all' ? records : records.filter((record) => record.status === status);
    const found = filterRecords(kept, columns, wanted);
    return sortRecords(
      found,
      columns.find((column) => column.key === state.sort.key),
      state.sort.descending,
    );
  }, [records, columns, wanted, status, state.sort]);

  const toggleSort = (key: string): void =>
    setState({ ...state, sort: { key, descending: state.sort.key === key ? !state.sort.descending : false } });

  return (
    <div className={compact ? 'grid grid-compact' : 'grid'}>
      <GridToolbar
        labels={faced.face.labels}
        typed={typed}
        onTyped={(next) => setFilter({ typed: next })}
        status={status}
        onStatus={(next) => setFilter({ status: next })}
        columns={columns}
        hidden={state.hidden}
        onHidden={(hidden) => setState({ ...state, hidden })}
        actions={actions}
      />
      <GridTable
        {...{ columns, shown, state, setState, toggleSort, onOpen, compact, name }}
        collection={entity.collection}
        label={faced.face.labels}
        empty={
          ready && shown.length === 0 ? (
            <EmptyGrid faced={faced} typed={wanted} status={status} any={records.length > 0} action={emptyAction} />
          ) : null
        }
      />
      <div className="grid-foot" role="status" aria-live="polite">
        {ready
          ? countText(total > records.length ? total : shown.length, Math.max(total, records.length), faced.face.labels)
          : 'Reading from this device'}
      </div>
    </div>
  );
}

const number = new Intl.NumberFormat('en-US');
function countText(shown: number, all: number, labels: string): string {
  const name = labels.toLowerCase();
  return shown === all ? `${number.format(all)} ${name}` : `${number.format(shown)} of ${number.format(all)} ${name}`;
}

function EmptyGrid({
  faced,
  typed,
  status,
  any,
  action,
}: {
  readonly faced: FacedView;
  readonly typed: string;
  readonly status: StatusFilter;
  readonly any: boolean;
  readonly action: ReactNode;
}) {
  if (typed !== '')
    return <Empty>Nothing in this list contains “{typed}”. Clear the filter, or search everything with the box at the top.</Empty>;
  if (any)
    return (
      <Empty>
        {status === 'active'
          ? 'All records of this list are inactive. Show “All” to see them.'
          : `No ${status} ${faced.face.labels.toLowerCase()}.`}
      </Empty>
    );
  return <Empty action={action}>{faced.face.empty}</Empty>;
}
