/** Second step: what kind of record it is, which row is the header, which column goes where. */
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { LEAVE_OUT } from '../../domain/import/profile.ts';
import { profileOf, profiles } from '../../domain/import/profiles.ts';
import { useDesk } from '../data/live.ts';
import { useActor } from '../ui/use-submit.tsx';
import { PermittedButton } from '../ui/permitted-button.tsx';
import {
  chooseBringBack,
  chooseHeaderRow,
  chooseKind,
  chooseSource,
  chooseTarget,
  startOver,
  startPreview,
  importDenied,
} from './import-actions.ts';
import type { OpenedFile } from './import-engine.ts';
import { useImportUi } from './import.ui-store.ts';

const delimiterNames: Readonly<Record<string, string>> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'vertical bar' };
const kinds = profiles.map(({ id, label }) => ({ value: id, label }));

function FileFacts({ file, name }: { readonly file: OpenedFile; readonly name: string }) {
  return (
    <>
      <p className="quiet">
        {name}: {file.rowCount.toLocaleString('en-US')} rows with the header, {file.encoding.toUpperCase()}, separated by{' '}
        {delimiterNames[file.delimiter] ?? file.delimiter}, line ends {file.lineEnd}.
      </p>
      {file.notes.length === 0 ? null : (
        <ul className="import-notes">
          {file.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function MappingTable() {
  const proposal = useImportUi((s) => s.proposal);
  const targets = useImportUi((s) => s.targets);
  const profileId = useImportUi((s) => s.profileId);
  if (!proposal) return null;
  const fields = profileOf(profileId)?.targets ?? [];
  const choices = [
    { value: '', label: 'No field: keep it beside the record' },
    { value: LEAVE_OUT, label: 'Leave this column out' },
    ...fields.map(({ path, label }) => ({ value: path, label })),
  ];
  return (
    <div className="import-scroll" role="region" aria-label="Columns and their fields" tabIndex={0}>
      <table className="import-table">
        <thead>
          <tr>
            <th scope="col">Column in the file</th>
            <th scope="col">Field</th>
            <th scope="col">Samples</th>
          </tr>
        </thead>
        <tbody>
          {proposal.headers.map((header, i) => (
            // The position is the identity of a column: two may bear the same header.
            <tr key={`${i} ${header}`}>
              <td>{header === '' ? `Column ${i + 1}` : header}</td>
              <td>
                <NativeSelect
                  size="xs"
                  aria-label={`Field for ${header === '' ? `column ${i + 1}` : header}`}
                  data={choices}
                  value={targets[i] ?? ''}
                  onChange={(event) => void chooseTarget(i, event.currentTarget.value)}
                />
              </td>
              <td className="sample">{(proposal.samples[i] ?? []).join(' | ').slice(0, 160)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ImportDenied({ why }: { readonly why: string | undefined }) {
  return why === undefined ? null : (
    <div className="notice" data-tone="bad" role="alert">
      <span>{why}</span>
    </div>
  );
}

export function MappingStep() {
  const desk = useDesk();
  const actor = useActor();
  const { opened, fileName, profileId, headerRow, source, bringBackDeleted, problems } = useImportUi();
  if (!opened) return null;
  const headerChoices = opened.firstRows.map((row, i) => ({
    value: String(i),
    label: `Line ${row.line}: ${row.cells
      .filter((cell) => cell.trim() !== '')
      .slice(0, 5)
      .join(', ')
      .slice(0, 80)}`,
  }));
  const denied = importDenied(actor, profileId);
  const fixedSource = profileOf(profileId)?.source !== 'file';
  return (
    <section className="import-panel" aria-labelledby="import-mapping">
      <h2 id="import-mapping">Columns</h2>
      <FileFacts file={opened} name={fileName} />
      {opened.profileId === '' ? (
        <div className="notice" data-tone="warn" role="status">
          <span>No column was recognised. Choose the kind of record and the header row, then a field for each column you need.</span>
        </div>
      ) : null}
      <div className="import-settings">
        <NativeSelect
          size="xs"
          label="Kind of record"
          data={kinds}
          value={profileId}
          onChange={(event) => void chooseKind(desk, event.currentTarget.value)}
        />
        <NativeSelect
          size="xs"
          label="Header row"
          data={headerChoices}
          value={String(headerRow)}
          onChange={(event) => void chooseHeaderRow(desk, Number(event.currentTarget.value))}
        />
        <TextInput
          label="Source"
          description={fixedSource ? 'Given by the kind of file' : 'A short name, the same each time this system is imported'}
          value={source}
          readOnly={fixedSource}
          onChange={(event) => void chooseSource(event.currentTarget.value.trim().toLowerCase())}
        />
        <Checkbox
          label="Bring back deleted records"
          checked={bringBackDeleted}
          onChange={(event) => chooseBringBack(event.currentTarget.checked)}
        />
      </div>
      <MappingTable />
      <ImportDenied why={denied} />
      {problems.length === 0 ? null : (
        <div className="notice" data-tone="warn" role="status">
          <div>
            <strong>Before the rows can be checked:</strong>
            <ul>
              {problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </div>
        </div>
      )}
      <div className="import-actions">
        <PermittedButton denied={denied} disabled={problems.length > 0} onClick={() => void startPreview(desk, actor)}>
          Preview
        </PermittedButton>
        <Button variant="default" onClick={startOver}>
          Choose another file
        </Button>
      </div>
    </section>
  );
}
