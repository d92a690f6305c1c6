/** Third step: what the import would do, before it does anything. */
import { Button } from '@mantine/core';
import type { Finding } from '../../domain/import/finding.ts';
import { profileOf } from '../../domain/import/profiles.ts';
import { KEY, valueAt } from '../../domain/import/profile.ts';
import { useDesk } from '../data/live.ts';
import { useActor } from '../ui/use-submit.tsx';
import { PermittedButton } from '../ui/permitted-button.tsx';
import { backToMapping, importDenied, startImport, startOver } from './import-actions.ts';
import type { Preview } from './import-run.ts';
import { useImportUi } from './import.ui-store.ts';
import { CountTiles, tilesOf } from './outcome-counts.tsx';
import { RowsTable } from './rows-table.tsx';

const MICRODEGREE = 1_000_000;
const cellText = (path: string, value: unknown): string => {
  if (Array.isArray(value)) return value.join('; ');
  if (typeof value === 'number' && (path === 'latitude' || path === 'longitude')) return (value / MICRODEGREE).toFixed(6);
  return value === undefined ? '' : String(value);
};

function FirstRows({ preview }: { readonly preview: Preview }) {
  const targets = useImportUi((s) => s.targets);
  const profileId = useImportUi((s) => s.profileId);
  const known = profileOf(profileId)?.targets ?? [];
  const chosen = targets.flatMap((path) => known.filter((target) => target.path === path && path !== KEY));
  const written = preview.firstDrafts.filter((row) => row.change !== undefined);
  if (written.length === 0) return null;
  return (
    <>
      <h3>First rows, as they will be stored</h3>
      <div className="import-scroll" role="region" aria-label="First rows" tabIndex={0}>
        <table className="import-table">
          <thead>
            <tr>
              <th scope="col" className="number">
                Line
              </th>
              {chosen.map((target) => (
                <th scope="col" key={target.path}>
                  {target.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {written.map((row) => (
              <tr key={row.line}>
                <td className="number">{row.line}</td>
                {chosen.map((target) => (
                  <td key={target.path}>{row.change ? cellText(target.path, valueAt(row.change.after, target.path)).slice(0, 120) : ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const effects: Record<Finding['level'], string> = {
  error: 'Kept out',
  warning: 'Imported, please check',
  repair: 'Repaired',
  note: 'Tidied',
};

function Reasons({ preview }: { readonly preview: Preview }) {
  const reasons = preview.reasons.filter(({ finding }) => finding.level !== 'note');
  const notes = preview.reasons.filter(({ finding }) => finding.level === 'note');
  const noted = notes.reduce((sum, { count }) => sum + count, 0);
  if (preview.reasons.length === 0) return null;
  return (
    <>
      <h3>What was found</h3>
      <div className="import-scroll" role="region" aria-label="What was found" tabIndex={0}>
        <table className="import-table">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">What happens</th>
              <th scope="col" className="number">
                Rows
              </th>
              <th scope="col">For example</th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ finding, count }) => (
              <tr key={`${finding.level} ${finding.code} ${finding.column}`}>
                <td>{finding.column === '' ? 'Whole row' : finding.column}</td>
                <td className="nowrap import-outcome" data-outcome={finding.level === 'error' ? 'bad' : finding.level}>
                  {effects[finding.level]}
                </td>
                <td className="number">{count.toLocaleString('en-US')}</td>
                <td>{finding.message}</td>
              </tr>
            ))}
            {noted === 0 ? null : (
              <tr>
                <td>
                  {notes
                    .map(({ finding }) => finding.column)
                    .filter((column, i, all) => all.indexOf(column) === i)
                    .join(', ')}
                </td>
                <td>{effects.note}</td>
                <td className="number">{noted.toLocaleString('en-US')}</td>
                <td>
                  Without a change of meaning: blanks removed, signs between digits removed, "N / A" read as empty. These rows are not
                  listed.
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </>
  );
}

export function PreviewStep({ preview }: { readonly preview: Preview }) {
  const desk = useDesk();
  const actor = useActor();
  const denied = importDenied(
    actor,
    useImportUi((s) => s.profileId),
  );
  const writes = preview.created + preview.changed;
  return (
    <section className="import-panel" aria-labelledby="import-preview">
      <h2 id="import-preview">Preview</h2>
      <CountTiles
        tiles={[
          { label: 'New records', count: preview.created },
          { label: 'Changed records', count: preview.changed },
          ...tilesOf(preview.counts).slice(1),
        ]}
      />
      <p className="quiet">
        {writes === 0
          ? 'There is nothing to write: every row is here already, or is kept out.'
          : 'Nothing has been written yet. The import can be undone afterwards.'}
      </p>
      <div className="import-actions">
        <PermittedButton denied={denied} disabled={writes === 0} onClick={() => void startImport(desk, actor)}>
          Start import
        </PermittedButton>
        <Button variant="default" onClick={backToMapping}>
          Back to the columns
        </Button>
        <Button variant="default" onClick={startOver}>
          Choose another file
        </Button>
      </div>
      <Reasons preview={preview} />
      <FirstRows preview={preview} />
      <h3>Rows with reasons</h3>
      <RowsTable rows={preview.rows} label="Rows with reasons" />
    </section>
  );
}
