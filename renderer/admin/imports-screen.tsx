/** What was imported, by whom, and what is there of it. */
import type { ImportLine } from '../../domain/protocol/admin.ts';
import { nouns } from '../../domain/registry.ts';
import { useAsked } from '../sync/ask.ts';
import { showInstant } from '../ui/show-value.ts';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isImports } from './answers.ts';
import { PlainTable } from '../ui/plain-table.tsx';

const number = new Intl.NumberFormat('en-US');

function contentOf({ records }: ImportLine): string {
  const parts = records.map(({ collection, live, deleted }) => {
    const entity = nouns.find((noun) => noun.entity.collection === collection)?.entity;
    const label = (live === 1 ? entity?.label : entity?.labels) ?? collection;
    return `${number.format(live)} ${label.toLowerCase()}${deleted === 0 ? '' : `, ${number.format(deleted)} deleted`}`;
  });
  return parts.length === 0 ? 'Nothing any more' : parts.join('; ');
}

export function ImportsScreen() {
  const { asked } = useAsked('/admin/imports', isImports);
  return (
    <AdminFrame title="Imports">
      <Answered asked={asked}>
        {({ imports }) =>
          imports.length === 0 ? (
            <p className="quiet">Nothing was imported yet. Files are imported under Import, or with &quot;drover import&quot;.</p>
          ) : (
            <>
              <div className="panel admin-table">
                <PlainTable columns={['When', 'Who', 'What is there of it', 'Id']}>
                  {imports.map((line) => (
                    <tr key={line.id}>
                      <td className="nowrap">{showInstant(line.at)}</td>
                      <td className="nowrap">{line.accountName}</td>
                      <td>{contentOf(line)}</td>
                      <td>{line.id}</td>
                    </tr>
                  ))}
                </PlainTable>
              </div>
              <p className="quiet">
                An import is taken back where it was made, under Import on that device or with &quot;drover undo&quot; and its id: what it
                replaced lies there.
              </p>
            </>
          )
        }
      </Answered>
    </AdminFrame>
  );
}
