/** First step: a file by button or by drop, and in plain words why one cannot be read. */
import { useRef, useState } from 'react';
import { useDesk } from '../data/live.ts';
import { chooseFile } from './import-actions.ts';
import { useImportUi } from './import.ui-store.ts';

export function ChooseFile() {
  const desk = useDesk();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const refusal = useImportUi((s) => s.refusal);
  const fileName = useImportUi((s) => s.fileName);
  const failure = useImportUi((s) => s.failure);
  const take = (files: FileList | null): void => {
    const file = files?.[0];
    if (file) void chooseFile(desk, file);
    // The same file may be chosen again after it was mended.
    if (input.current) input.current.value = '';
  };
  return (
    <>
      <div
        className="import-drop"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files);
        }}
      >
        <label htmlFor="import-file">File to import</label>
        <input
          ref={input}
          id="import-file"
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values"
          onChange={(event) => take(event.target.files)}
        />
        <p>
          A table as CSV, or drop it here. The USDA FSIS plant directory, the FMCSA carrier census and exports of the replaced systems are
          recognised. Nothing is written before you have seen a preview; it works without the server.
        </p>
      </div>
      {refusal === undefined ? null : (
        <div className="notice" data-tone="bad" role="alert">
          <span>
            {fileName} cannot be imported. {refusal.message}
          </span>
        </div>
      )}
      {failure === '' ? null : (
        <div className="notice" data-tone="bad" role="alert">
          <span>{failure}</span>
        </div>
      )}
    </>
  );
}
