/** Earlier imports of this device, newest first, each with its report and its undo. */
import { Button, VisuallyHidden } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useDesk } from '../data/live.ts';
import { useActor } from '../ui/use-submit.tsx';
import { undo } from './import-actions.ts';
import { inWords } from './import-run.ts';
import { useImportUi } from './import.ui-store.ts';
import { type ImportState, type ImportSummary, listImports, loadReport } from './journal.ts';
import { saveReport } from './save-report.ts';

const stateNames: Record<ImportState, string> = {
  running: 'Interrupted',
  done: 'Finished',
  cancelled: 'Cancelled',
  undone: 'Undone',
  partly_undone: 'Partly undone',
};

const when = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short' });

/** Read once; the screen mounts the history anew when it changed. */
function useImports(): readonly ImportSummary[] {
  const { local } = useDesk();
  const [imports, setImports] = useState<readonly ImportSummary[]>([]);
  useEffect(() => {
    let live = true;
    void listImports(local).then((list) => {
      if (live) setImports(list);
    });
    return () => {
      live = false;
    };
  }, [local]);
  return imports;
}

function HistoryRow({ item, busy }: { readonly item: ImportSummary; readonly busy: boolean }) {
  const desk = useDesk();
  const actor = useActor();
  const [problem, setProblem] = useState('');
  const download = async (): Promise<void> => {
    const report = await loadReport(desk.local, item.importId);
    setProblem(
      report
        ? await saveReport(item.fileName, report.headers, report.rows)
        : 'The report was not finished, because the import was interrupted.',
    );
  };
  const { state } = item;
  const wrote = item.counts.imported + item.counts.repaired > 0 || state === 'running';
  return (
    <tr>
      <td className="nowrap">{when.format(new Date(item.startedAt))}</td>
      <td>
        {item.fileName}
        <div className="quiet">{item.label}</div>
      </td>
      <td>
        {stateNames[state]}: {state === 'running' ? 'the window was closed before it ended' : inWords(item.counts)}
        {problem === '' ? null : <div role="alert">{problem}</div>}
      </td>
      <td className="buttons">
        {state === 'running' ? null : (
          <Button
            variant="subtle"
            size="compact-xs"
            aria-label={`Download rows with reasons of ${item.fileName}`}
            onClick={() => void download()}
          >
            Rows with reasons
          </Button>
        )}
        {wrote && state !== 'undone' ? (
          <Button
            variant="subtle"
            size="compact-xs"
            disabled={busy}
            aria-label={`Undo import of ${item.fileName}`}
            onClick={() => void undo(desk, actor, item.importId)}
          >
            Undo
          </Button>
        ) : null}
      </td>
    </tr>
  );
}

export function ImportHistory() {
  const imports = useImports();
  const stage = useImportUi((s) => s.stage);
  const busy = stage === 'running' || stage === 'undoing' || stage === 'checking';
  // While one runs, it is shown above and is not "interrupted".
  const shown = stage === 'running' ? imports.slice(1) : imports;
  if (shown.length === 0) return null;
  return (
    <section className="import-panel" aria-labelledby="import-history">
      <h2 id="import-history">Earlier imports on this device</h2>
      <table className="import-table">
        <thead>
          <tr>
            <th scope="col">Started</th>
            <th scope="col">File</th>
            <th scope="col">Result</th>
            <th scope="col">
              <VisuallyHidden>Actions</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((item) => (
            <HistoryRow key={item.importId} item={item} busy={busy} />
          ))}
        </tbody>
      </table>
    </section>
  );
}
