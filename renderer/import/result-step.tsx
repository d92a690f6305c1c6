/** Last step: what was done, the rows that need a person, and the way back. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useDesk } from '../data/live.ts';
import { useActor } from '../ui/use-submit.tsx';
import { startOver, undo } from './import-actions.ts';
import { type ImportResult, inWords } from './import-run.ts';
import { useImportUi } from './import.ui-store.ts';
import { CountTiles, tilesOf } from './outcome-counts.tsx';
import { RowsTable } from './rows-table.tsx';
import { saveReport } from './save-report.ts';
import type { UndoResult } from './undo-import.ts';

export function ResultStep({ result }: { readonly result: ImportResult }) {
  const desk = useDesk();
  const actor = useActor();
  const headers = useImportUi((s) => s.proposal?.headers ?? []);
  const [saveProblem, setSaveProblem] = useState('');
  const { summary, rows } = result;
  const wrote = summary.counts.imported + summary.counts.repaired > 0;
  return (
    <section className="import-panel" aria-labelledby="import-result">
      <h2 id="import-result">{summary.state === 'cancelled' ? 'Import cancelled' : 'Import finished'}</h2>
      <p role="status">
        {summary.fileName}: {inWords(summary.counts)}.
        {summary.state === 'cancelled'
          ? ' The rows written before you cancelled are whole records; keep them, undo them, or import the file again to add the rest.'
          : ''}
      </p>
      <CountTiles tiles={tilesOf(summary.counts)} />
      <div className="import-actions">
        {rows.length === 0 ? null : (
          <Button onClick={() => void saveReport(summary.fileName, headers, rows).then(setSaveProblem)}>Download rows with reasons</Button>
        )}
        {wrote ? (
          <Button variant="default" onClick={() => void undo(desk, actor, summary.importId)}>
            Undo this import
          </Button>
        ) : null}
        <Button variant="default" onClick={startOver}>
          Import another file
        </Button>
      </div>
      {saveProblem === '' ? null : (
        <div className="notice" data-tone="bad" role="alert">
          <span>{saveProblem}</span>
        </div>
      )}
      <h3>Rows with reasons</h3>
      <RowsTable rows={rows} label="Rows with reasons" />
    </section>
  );
}

export function UndoneStep({ result }: { readonly result: UndoResult }) {
  return (
    <section className="import-panel" aria-labelledby="import-undone">
      <h2 id="import-undone">Import undone</h2>
      <p role="status">
        {result.undone.toLocaleString('en-US')} records are as they were before the import.
        {result.kept.length === 0
          ? ''
          : ` ${result.kept.length.toLocaleString('en-US')} were kept, because somebody has worked on them or uses them:`}
      </p>
      {result.kept.length === 0 ? null : (
        <div className="import-scroll" role="region" aria-label="Records that were kept" tabIndex={0}>
          <table className="import-table">
            <thead>
              <tr>
                <th scope="col">Record</th>
                <th scope="col">Why it was kept</th>
              </tr>
            </thead>
            <tbody>
              {result.kept.map((record) => (
                <tr key={record.id}>
                  <td>{record.title}</td>
                  <td>{record.reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="import-actions">
        <Button onClick={startOver}>Import another file</Button>
      </div>
    </section>
  );
}
