/** What was imported, by whom, and what is there of it. */

import { useState } from 'react';
import type { ImportLine } from '../../domain/protocol/admin.ts';
import { nouns } from '../../domain/registry.ts';
import { useAsked } from '../sync/ask.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { showInstant } from '../ui/show-value.ts';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isImports } from './answers.ts';
import { UndoImportDialog } from './undo-import-dialog.tsx';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { RowButton } from '../ui/row-button.tsx';

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
  const { asked, again } = useAsked('/admin/imports', isImports);
  const mayUndo = useOwnRights().may('imports:undo');
  const [undoing, setUndoing] = useState<ImportLine>();
  return (
    <AdminFrame title="Imports">
      <Answered asked={asked}>
        {({ imports }) =>
          imports.length === 0 ? (
            <p className="quiet">Nothing was imported yet. Files are imported under Import, or with &quot;drover import&quot;.</p>
          ) : (
            <>
              <div className="panel admin-table">
                <PlainTable columns={['When', 'Who', 'What is there of it', 'Id', ACTIONS]}>
                  {imports.map((line) => (
                    <tr key={line.id}>
                      <td className="nowrap">{showInstant(line.at)}</td>
                      <td className="nowrap">{line.accountName}</td>
                      <td>{contentOf(line)}</td>
                      <td>{line.id}</td>
                      <td>
                        {mayUndo && line.records.length > 0 ? (
                          <RowButton name={`Take back import ${line.id}`} onClick={() => setUndoing(line)}>
                            Take back
                          </RowButton>
                        ) : null}
                      </td>
                    </tr>
                  ))}
                </PlainTable>
              </div>
              <p className="quiet">
                Taking an import back puts its new records into the trash and gives the others what they held before. What somebody has
                worked on since stays.
              </p>
            </>
          )
        }
      </Answered>
      {undoing === undefined ? null : <UndoImportDialog line={undoing} onDone={again} onClose={() => setUndoing(undefined)} />}
    </AdminFrame>
  );
}
