/**
 * The table inside a grid. Three layers, so that each repaints only for its own reasons: columns and header; the body with
 * the current row; and the rows, which stay as they are while the current row moves.
 */
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
import { type CSSProperties, type MouseEvent, type ReactNode, memo, useEffect, useId, useMemo, useRef } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { useIsWaiting } from '../sync/connection.ts';
import type { GridColumn } from './grid-columns.ts';
import { useGridRow } from './grid.ui-store.ts';
import { currentRow, onGridKey } from './use-grid-keys.ts';

const ROW_HEIGHT = 30;
const features = tableFeatures({ columnSizingFeature, columnResizingFeature, columnVisibilityFeature, rowSortingFeature });
type Column = ColumnDef<typeof features, AnyDocument>;
const NO_ROWS: readonly AnyDocument[] = [];

export interface GridState {
  readonly sort: { readonly key: string; readonly descending: boolean };
  readonly hidden: readonly string[];
  readonly widths: Readonly<Record<string, number>>;
}

export interface GridTableProps {
  readonly columns: readonly GridColumn[];
  readonly shown: readonly AnyDocument[];
  readonly state: GridState;
  readonly setState: (next: GridState) => void;
  readonly toggleSort: (key: string) => void;
  /** Under this name the current row is remembered. */
  readonly name: string;
  readonly onOpen: (record: AnyDocument) => void;
  readonly collection: string;
  readonly label: string;
  readonly compact: boolean;
  readonly empty: ReactNode;
}

export function GridTable({ columns, state, setState, toggleSort, empty, ...body }: GridTableProps) {
  const defs = useMemo<Column[]>(
    () => columns.map((column) => ({ id: column.key, header: column.header, accessorFn: column.text, size: column.width, minSize: 60 })),
    [columns],
  );
  const visibility = useMemo(
    () => Object.fromEntries(columns.map(({ key }) => [key, !state.hidden.includes(key)])),
    [columns, state.hidden],
  );
  const visible = useMemo(() => columns.filter(({ key }) => visibility[key]), [columns, visibility]);
  // The table minds the columns only; the rows are sorted, filtered and kept in sight by themselves.
  const table = useTable({
    features,
    columns: defs,
    data: NO_ROWS,
    manualSorting: true,
    columnResizeMode: 'onChange',
    state: { columnVisibility: visibility, columnSizing: state.widths, sorting: [{ id: state.sort.key, desc: state.sort.descending }] },
    onColumnSizingChange: (change) => setState({ ...state, widths: typeof change === 'function' ? change(state.widths) : change }),
  });
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const template = headers
    .map((header, i) =>
      visible[i]?.grows === true && state.widths[header.id] === undefined
        ? `minmax(${header.getSize()}px, ${header.getSize()}fr)`
        : `${header.getSize()}px`,
    )
    .join(' ');
  const width = headers.reduce((sum, header) => sum + header.getSize(), 0);
  return (
    <GridBody {...body} visible={visible} template={template} width={width}>
      <div className="grid-head" role="row" aria-rowindex={1}>
        {headers.map((header, i) => (
          <GridHeader
            key={header.id}
            column={visible[i]}
            at={i + 1}
            sorted={state.sort.key === header.id ? (state.sort.descending ? 'descending' : 'ascending') : 'none'}
            onSort={() => toggleSort(header.id)}
            onResize={header.getResizeHandler()}
          />
        ))}
      </div>
      {empty === null ? null : (
        <div role="row" aria-rowindex={2}>
          <div role="gridcell" aria-colspan={visible.length}>
            {empty}
          </div>
        </div>
      )}
    </GridBody>
  );
}

interface GridHeaderProps {
  readonly column: GridColumn | undefined;
  readonly at: number;
  readonly sorted: 'ascending' | 'descending' | 'none';
  readonly onSort: () => void;
  readonly onResize: (event: unknown) => void;
}

function GridHeader({ column, at, sorted, onSort, onResize }: GridHeaderProps) {
  return (
    <div role="columnheader" aria-colindex={at} aria-sort={sorted} className={column?.end ? 'grid-th end' : 'grid-th'}>
      <button type="button" tabIndex={-1} title={column?.field.hint ?? column?.header} onClick={onSort}>
        <span>{column?.header}</span>
        {sorted === 'none' ? null : <span aria-hidden="true">{sorted === 'descending' ? '▾' : '▴'}</span>}
      </button>
      <span className="grid-resize" aria-hidden="true" onMouseDown={onResize} onTouchStart={onResize} />
    </div>
  );
}

interface GridBodyProps extends Pick<GridTableProps, 'shown' | 'name' | 'onOpen' | 'collection' | 'label' | 'compact'> {
  readonly visible: readonly GridColumn[];
  /** `grid-template-columns` of head and rows. */
  readonly template: string;
  readonly width: number;
  /** The head, and what stands in place of rows. */
  readonly children: ReactNode;
}

/** Scrolls no further than needed to have the row in sight, under the head that stays. Rows are all of one height, so nothing is measured. */
function reveal(scroller: HTMLElement, index: number): void {
  const above = index * ROW_HEIGHT;
  const below = (index + 2) * ROW_HEIGHT - scroller.clientHeight;
  if (scroller.scrollTop > above) scroller.scrollTop = above;
  else if (scroller.scrollTop < below) scroller.scrollTop = below;
}

/** Place of the row that an event of the pointer is about; -1 for none. */
const indexUnder = (event: MouseEvent): number =>
  Number((event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset['index'] ?? -1);

function GridBody({ shown, visible, template, width, name, onOpen, collection, label, compact, children }: GridBodyProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const base = useId();
  const [rowId, setRowId] = useGridRow(name);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const was = useRef(0);
  const current = useMemo(() => currentRow(shown, rowId, was.current), [rowId, shown]);
  useEffect(() => {
    was.current = current;
  }, [current]);
  const go = (index: number): void => {
    if (scroller.current) reveal(scroller.current, index);
    setRowId(shown[index]?.id ?? '');
  };
  const open = (index: number): void => {
    const record = shown[index];
    if (record) onOpen(record);
  };
  // What was under the pointer when it went down is what opens, whatever a change from elsewhere puts there before it comes up.
  const pressed = useRef<string | undefined>(undefined);
  const press = (event: MouseEvent): void => {
    pressed.current = shown[indexUnder(event)]?.id;
  };
  const pick = (event: MouseEvent): void => {
    const id = pressed.current ?? shown[indexUnder(event)]?.id;
    pressed.current = undefined;
    const record = shown.find((one) => one.id === id);
    if (record === undefined) return;
    setRowId(record.id);
    onOpen(record);
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
  const style = {
    '--grid-columns': template,
    '--grid-width': `${width}px`,
    ...(compact ? { maxHeight: `${Math.min(16, Math.max(3, shown.length + 1)) * ROW_HEIGHT + 24}px` } : {}),
  } as CSSProperties;
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
      style={style}
    >
      {children}
      <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() }} onMouseDown={press} onClick={pick}>
        {virtual.getVirtualItems().map((item) => {
          const record = shown[item.index];
          return record === undefined ? null : (
            <GridRow
              // By place, so that another order changes texts instead of making all rows anew.
              key={item.index}
              id={`${base}-${item.index}`}
              record={record}
              columns={visible}
              index={item.index}
              top={item.start}
              current={item.index === current}
              collection={collection}
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
}

const GridRow = memo(function GridRow({ id, record, columns, index, top, current, collection }: GridRowProps) {
  const waiting = useIsWaiting(collection, record.id);
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={current}
      className="grid-row"
      data-index={index}
      data-inactive={record.status === 'inactive' || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <GridCells record={record} columns={columns} waiting={waiting} />
    </div>
  );
});

interface GridCellsProps {
  readonly record: AnyDocument;
  readonly columns: readonly GridColumn[];
  readonly waiting: boolean;
}

const GridCells = memo(function GridCells({ record, columns, waiting }: GridCellsProps) {
  return columns.map((column, i) => {
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
  });
});
