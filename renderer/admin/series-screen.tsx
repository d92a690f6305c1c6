/** How far the company's own numbers have come. */
import { useAsked } from '../sync/ask.ts';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isSeries } from './answers.ts';
import { PlainTable } from '../ui/plain-table.tsx';

const number = new Intl.NumberFormat('en-US');

export function SeriesScreen() {
  const { asked } = useAsked('/admin/series', isSeries);
  return (
    <AdminFrame title="Numbers">
      <Answered asked={asked}>
        {({ series }) => (
          <>
            <div className="panel admin-table">
              <PlainTable
                columns={[
                  'Series',
                  'Next number',
                  { name: 'Given', end: true },
                  { name: 'With refused records', end: true },
                  { name: 'In blocks of devices', end: true },
                  { name: 'Devices', end: true },
                ]}
              >
                {series.map((one) => (
                  <tr key={one.key}>
                    <td className="strong">{one.label}</td>
                    <td>{one.next}</td>
                    <td className="end">{number.format(one.given)}</td>
                    <td className="end">{number.format(one.refused)}</td>
                    <td className="end">{number.format(one.open)}</td>
                    <td className="end">{number.format(one.devices)}</td>
                  </tr>
                ))}
              </PlainTable>
            </div>
            <p className="quiet">
              What became of a single number says &quot;drover series&quot; with that number on the server&apos;s command line.
            </p>
          </>
        )}
      </Answered>
    </AdminFrame>
  );
}
