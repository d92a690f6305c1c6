/** The import wizard: file, columns, preview, import, result, undo. One step at a time, the history below. */
import './import.css';
import { Button, Progress, VisuallyHidden } from '@mantine/core';
import { Page } from '../ui/page.tsx';
import { ChooseFile } from './choose-file.tsx';
import { cancel } from './import-actions.ts';
import { ImportHistory } from './import-history.tsx';
import { type Stage, useImportUi } from './import.ui-store.ts';
import { MappingStep } from './mapping-step.tsx';
import { PreviewStep } from './preview-step.tsx';
import { ResultStep, UndoneStep } from './result-step.tsx';

const doing: Partial<Record<Stage, string>> = { checking: 'Checking the rows', running: 'Importing', undoing: 'Undoing the import' };

/** Screen readers hear every fifth of the way, not every chunk. */
const FIFTH = 20;

function Running({ what }: { readonly what: string }) {
  const progress = useImportUi((s) => s.progress);
  const stage = useImportUi((s) => s.stage);
  const percent = progress && progress.total > 0 ? Math.floor((progress.done / progress.total) * 100) : 0;
  const spoken = Math.floor(percent / FIFTH) * FIFTH;
  return (
    <section className="import-panel" aria-labelledby="import-running">
      <h2 id="import-running">{what}</h2>
      <Progress value={percent} aria-label={`${what}, progress`} />
      <p>{progress ? `${progress.done.toLocaleString('en-US')} of ${progress.total.toLocaleString('en-US')} rows` : 'Reading the file'}</p>
      <VisuallyHidden role="status">
        {what}, {spoken} percent
      </VisuallyHidden>
      {stage === 'undoing' ? null : (
        <div className="import-actions">
          <Button variant="default" onClick={cancel}>
            Cancel
          </Button>
        </div>
      )}
    </section>
  );
}

export function ImportScreen() {
  const stage = useImportUi((s) => s.stage);
  const preview = useImportUi((s) => s.preview);
  const result = useImportUi((s) => s.result);
  const undone = useImportUi((s) => s.undo);
  const historyVersion = useImportUi((s) => s.historyVersion);
  const what = doing[stage];
  return (
    <Page title="Import">
      <div className="import">
        {stage === 'choose' ? <ChooseFile /> : null}
        {stage === 'map' ? <MappingStep /> : null}
        {what === undefined ? null : <Running what={what} />}
        {stage === 'preview' && preview ? <PreviewStep preview={preview} /> : null}
        {stage === 'done' && result ? <ResultStep result={result} /> : null}
        {stage === 'undone' && undone ? <UndoneStep result={undone} /> : null}
        <ImportHistory key={historyVersion} />
      </div>
    </Page>
  );
}
