/** Which numbers this device can give while it is offline. */
import { useMemo } from 'react';
import { useDesk, useLive } from '../data/live.ts';
import { observeStock } from '../data/series.ts';
import { PlainTable } from '../ui/plain-table.tsx';

const number = new Intl.NumberFormat('en-US');

export function NumbersPanel() {
  const desk = useDesk();
  const stock = useLive(useMemo(() => observeStock(desk), [desk]));
  return (
    <section className="panel sync-panel" aria-label="Numbers">
      <h2>Numbers on this device</h2>
      <p>New papers get their final number here, also offline. When none is left, the number follows from the server.</p>
      <PlainTable columns={['Series', 'Next number', { name: 'Left here', end: true }]}>
        {stock.map(({ series: { key, label }, left, next }) => (
          <tr key={key}>
            <td>{label}</td>
            <td>{next ?? <span className="quiet">from the server</span>}</td>
            <td className="end">{number.format(left)}</td>
          </tr>
        ))}
      </PlainTable>
    </section>
  );
}
