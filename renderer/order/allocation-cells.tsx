/** The lines that an allocation ties together, chosen by what they say instead of by their ids. */
import { Select } from '@mantine/core';
import { billingWeight } from '../../domain/order/order-line.rules.ts';
import type { Order, OrderLine } from '../../domain/order/order.entity.ts';
import { formatWeight } from '../../domain/units/weight.ts';
import { useRecord } from '../data/live.ts';
import type { Cells, ControlProps } from '../ui/control.ts';
import { useDerived } from '../ui/form-facts.ts';
import { useControl } from '../ui/text-controls.tsx';

const NO_LINES: readonly OrderLine[] = [];
const BELOW = { keepMounted: false, width: 'max-content', position: 'bottom-start' } as const;

function labelOf(line: OrderLine, index: number): string {
  const net = billingWeight(line);
  const amount = typeof net === 'number' ? formatWeight(net) : typeof line.cases === 'number' ? `${line.cases} cases` : '';
  return `${index + 1}. ${line.description}${amount === '' ? '' : `, ${amount}`}`;
}

function LineSelect({ lines, ...props }: ControlProps & { readonly lines: readonly OrderLine[] }) {
  const { value, onChange, readOnly } = props;
  return (
    <Select
      {...useControl(props)}
      data={lines.map((line, i) => ({ value: line.lineId, label: labelOf(line, i) }))}
      value={typeof value === 'string' && value !== '' ? value : null}
      onChange={(next) => onChange(next ?? '')}
      readOnly={readOnly}
      allowDeselect={false}
      comboboxProps={BELOW}
    />
  );
}

function OwnLine(props: ControlProps) {
  const lines = useDerived()?.['lines'];
  return <LineSelect {...props} lines={Array.isArray(lines) ? (lines as readonly OrderLine[]) : NO_LINES} />;
}

/** Choosing the line of the purchase takes over its weight and cases, where nothing is typed yet. */
function PurchaseLine(props: ControlProps) {
  const { around, onPatch } = props;
  const purchaseId = around['otherOrderId'];
  const { record } = useRecord<Order>('orders', typeof purchaseId === 'string' ? purchaseId : '');
  const lines = record?.lines ?? NO_LINES;
  const choose = (id: unknown): void => {
    const line = lines.find(({ lineId }) => lineId === id);
    const isBlank = ['cases', 'weight'].every((key) => around[key] === undefined || around[key] === '');
    const net = line && billingWeight(line);
    onPatch({
      otherLineId: id,
      ...(isBlank && net !== undefined ? { weight: net } : {}),
      ...(isBlank && line?.cases !== undefined ? { cases: line.cases } : {}),
    });
  };
  return <LineSelect {...props} lines={lines} onChange={choose} />;
}

export const allocationCells: Cells = { orderLineId: OwnLine, otherLineId: PurchaseLine };
