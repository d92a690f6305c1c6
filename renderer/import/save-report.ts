/** Hands a report to the user as a file: through the shell's dialog in Electron, as a download in a browser. */
import type { DesktopPort } from '../../electron/ipc-contract.ts';
import { type ReportRow, reportCsv } from '../../domain/import/report.ts';

type SaveFile = DesktopPort['saveFile'];

/** How long the object URL of a download lives; Chromium reads it after the click and tells nobody when it is done. */
const URL_MS = 60_000;

const browserDownload: SaveFile = (name, bytes) => {
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), URL_MS);
  return Promise.resolve({ outcome: 'saved', name });
};

/** `plants.csv` -> `plants - rows with reasons.csv` */
const reportName = (fileName: string): string => `${fileName.replace(/\.[^.]*$/u, '')} - rows with reasons.csv`;

/** Answers a sentence when the file could not be saved, '' otherwise. */
export async function saveReport(fileName: string, headers: readonly string[], rows: readonly ReportRow[]): Promise<string> {
  const bytes = new TextEncoder().encode(reportCsv(headers, rows));
  const save = window.drover?.saveFile ?? browserDownload;
  const answer = await save(reportName(fileName), bytes);
  return answer.outcome === 'failed' ? answer.message : '';
}
