/** The one list of the desk: virtual rows over local records, sorted, filtered and walked by keyboard. */
import {
  type ColumnDef,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useDeferredValue, useEffect, useId, useMemo, useRef } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { useIsWaiting } from '../sync/connection.ts';
import { type GridColumn, filterRecords, gridColumn, sortRecords } from './grid-columns.ts';
import { useGridPlace } from './grid.ui-store.ts';
import { GridToolbar, type StatusFilter } from './grid-toolbar.tsx';
import { Empty } from './page.tsx';
import { onGridKey } from './use-grid-keys.ts';
import { useSetting } from './use-setting.ts';
import { useTitles } from './use-titles.ts';
import type { FacedView } from './view-book.tsx';

const ROW_HEIGHT = 30;
const features = tableFeatures({ columnSizingFeature, columnResizingFeature, columnVisibilityFeature, rowSortingFeature });
type Column = ColumnDef<typeof features, AnyDocument>;

export interface GridState {
  readonly sort: { readonly key: string; readonly descending: boolean };
  readonly hidden: readonly string[];
  readonly widths: Readonly<Record<string, number>>;
}

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
  const columns = useMemo(
    () => keys.map((key, i) => gridColumn(entity, key, titles, view.widths?.[key] ?? (i === 0 ? 230 : undefined))),
    [entity, keys, titles, view],
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
  const [{ typed, status, rowId }, setPlace] = useGridPlace(name);
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
        onTyped={(next) => setPlace({ typed: next })}
        status={status}
        onStatus={(next) => setPlace({ status: next })}
        columns={columns}
        hidden={state.hidden}
        onHidden={(hidden) => setState({ ...state, hidden })}
        actions={actions}
      />
      <GridTable
        {...{ columns, shown, state, setState, toggleSort, onOpen, compact, rowId }}
        onRow={(next) => setPlace({ rowId: next })}
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

interface GridTableProps {
  readonly columns: readonly GridColumn[];
  readonly shown: readonly AnyDocument[];
  readonly state: GridState;
  readonly setState: (next: GridState) => void;
  readonly toggleSort: (key: string) => void;
  /** Id of the current row; '' for the first. */
  readonly rowId: string;
  readonly onRow: (rowId: string) => void;
  readonly onOpen: (record: AnyDocument) => void;
  readonly collection: string;
  readonly label: string;
  readonly compact: boolean;
  readonly empty: ReactNode;
}

function GridTable({
  columns,
  shown,
  state,
  setState,
  toggleSort,
  rowId,
  onRow,
  onOpen,
  collection,
  label,
  compact,
  empty,
}: GridTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const base = useId();
  const defs = useMemo<Column[]>(
    () => columns.map((column) => ({ id: column.key, header: column.header, accessorFn: column.text, size: column.width, minSize: 60 })),
    [columns],
  );
  const visibility = useMemo(
    () => Object.fromEntries(columns.map(({ key }) => [key, !state.hidden.includes(key)])),
    [columns, state.hidden],
  );
  const table = useTable({
    features,
    columns: defs,
    data: shown,
    getRowId: (record) => record.id,
    manualSorting: true,
    columnResizeMode: 'onChange',
    state: { columnVisibility: visibility, columnSizing: state.widths, sorting: [{ id: state.sort.key, desc: state.sort.descending }] },
    onColumnSizingChange: (change) => setState({ ...state, widths: typeof change === 'function' ? change(state.widths) : change }),
  });
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const visible = columns.filter(({ key }) => visibility[key]);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollPaddingStart: ROW_HEIGHT,
  });
  const current = useMemo(() => Math.max(0, rowId === '' ? 0 : shown.findIndex((record) => record.id === rowId)), [rowId, shown]);
  const go = (index: number): void => {
    onRow(shown[index]?.id ?? '');
    virtual.scrollToIndex(index);
  };
  // Coming back from a record: the list stands where it was left, and has the keyboard.
  const returned = useRef(false);
  useEffect(() => {
    if (returned.current || shown.length === 0) return;
    returned.current = true;
    if (current > 0) virtual.scrollToIndex(current, { align: 'center' });
    if (!compact && (document.activeElement === null || document.activeElement === document.body))
      scroller.current?.focus({ preventScroll: true });
  }, [shown.length, current, virtual, compact]);
  const template = headers
    .map((header, i) =>
      visible[i]?.grows === true && state.widths[header.id] === undefined
        ? `minmax(${header.getSize()}px, ${header.getSize()}fr)`
        : `${header.getSize()}px`,
    )
    .join(' ');
  const width = headers.reduce((sum, header) => sum + header.getSize(), 0);
  const open = (index: number): void => {
    const record = shown[index];
    if (record) onOpen(record);
  };
  return (
    <div
      ref={scroller}
      className="grid-scroll"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={shown.length + 1}
      aria-colcount={visible.length}
      aria-activedescendant={shown.length > 0 ? `${base}-${current}` : undefined}
      onKeyDown={(event) => {
        if (event.target === scroller.current) onGridKey(event, { count: shown.length, at: current, page: 20, go, open });
      }}
      style={
        {
          '--grid-columns': template,
          '--grid-width': `${width}px`,
          ...(compact ? { maxHeight: `${Math.min(16, Math.max(3, shown.length + 1)) * ROW_HEIGHT + 24}px` } : {}),
        } as React.CSSProperties
      }
    >
      <div className="grid-head" role="row" aria-rowindex={1}>
        {headers.map((header, i) => {
          const column = visible[i];
          const sorted = state.sort.key === header.id;
          return (
            <div
              key={header.id}
              role="columnheader"
              aria-colindex={i + 1}
              aria-sort={sorted ? (state.sort.descending ? 'descending' : 'ascending') : 'none'}
              className={column?.end ? 'grid-th end' : 'grid-th'}
            >
              <button type="button" tabIndex={-1} title={column?.field.hint ?? column?.header} onClick={() => toggleSort(header.id)}>
                <span>{column?.header}</span>
                {sorted ? <span aria-hidden="true">{state.sort.descending ? '▾' : '▴'}</span> : null}
              </button>
              <span
                className="grid-resize"
                aria-hidden="true"
                onMouseDown={header.getResizeHandler()}
                onTouchStart={header.getResizeHandler()}
              />
            </div>
          );
        })}
      </div>
      {empty === null ? null : (
        <div role="row" aria-rowindex={2}>
          <div role="gridcell" aria-colspan={visible.length}>
            {empty}
          </div>
        </div>
      )}
      <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const record = shown[item.index];
          return record === undefined ? null : (
            <GridRow
              key={record.id}
              id={`${base}-${item.index}`}
              record={record}
              columns={visible}
              index={item.index}
              top={item.start}
              current={item.index === current}
              collection={collection}
              onPick={() => {
                onRow(record.id);
                open(item.index);
              }}
            />
          );
        })}
      </div>
    </div>
  );
}

interface GridRowProps {
  readonly id: string;
  readonly record: AnyDocument;
  readonly columns: readonly GridColumn[];
  readonly index: number;
  readonly top: number;
  readonly current: boolean;
  readonly collection: string;
  readonly onPick: () => void;
}

function GridRow({ id, record, columns, index, top, current, collection, onPick }: GridRowProps) {
  const waiting = useIsWaiting(collection, record.id);
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={current}
      className="grid-row"
      data-inactive={record.status === 'inactive' || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onPick}
    >
      {columns.map((column, i) => {
        const shown = column.text(record);
        return (
          <div
            key={column.key}
            role="gridcell"
            aria-colindex={i + 1}
            className={column.end ? 'grid-td end' : 'grid-td'}
            title={shown.length > 24 ? shown : undefined}
          >
            {i === 0 && waiting ? <span className="waiting" title="Not sent yet" role="img" aria-label="Not sent yet" /> : null}
            {column.key === 'status' && record.status === 'inactive' ? <span className="tag">{shown}</span> : shown}
          </div>
        );
      })}
    </div>
  );
}
