/** How far the company's own numbers have come. */
import { useAsked } from '../sync/ask.ts';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isSeries } from './answers.ts';

const number = new Intl.NumberFormat('en-US');

export function SeriesScreen() {
  const { asked } = useAsked('/admin/series', isSeries);
  return (
    <AdminFrame title="Numbers">
      <Answered asked={asked}>
        {({ series }) => (
          <>
            <div className="panel admin-table">
              <table className="plain-table">
                <thead>
                  <tr>
                    <th scope="col">Series</th>
                    <th scope="col">Next number</th>
                    <th scope="col" className="end">
                      Given
                    </th>
                    <th scope="col" className="end">
                      With refused records
                    </th>
                    <th scope="col" className="end">
                      In blocks of devices
                    </th>
                    <th scope="col" className="end">
                      Devices
                    </th>
                  </tr>
                </thead>
                <tbody>
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
                </tbody>
              </table>
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
