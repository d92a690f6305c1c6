/** What this device remembers of its imports: one summary each, the report's rows beside it, before-images for the undo. */
import { type OutcomeCounts, noCounts } from '../../domain/import/finding.ts';
import type { ReportRow } from '../../domain/import/report.ts';
import { type LocalStore, loadSetting } from '../data/local-store.ts';

/** running after a restart means that the window was closed in the middle; what was written can be undone. */
export type ImportState = 'running' | 'done' | 'cancelled' | 'undone' | 'partly_undone';

export interface ImportSummary {
  readonly importId: string;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly state: ImportState;
  readonly fileName: string;
  readonly profileId: string;
  readonly label: string;
  readonly collection: string;
  readonly source: string;
  readonly total: number;
  readonly counts: OutcomeCounts;
}
export interface StoredReport {
  readonly headers: readonly string[];
  readonly rows: readonly ReportRow[];
}

export const reportKey = (importId: string): string => `import.report.${importId}`;

export async function writeJournal(local: LocalStore, summary: ImportSummary): Promise<void> {
  const { importId, startedAt, state } = summary;
  await local.journals.put({ importId, startedAt, state, summary });
}

/** Newest first. */
export async function listImports(local: LocalStore): Promise<ImportSummary[]> {
  const stored = await local.journals.orderBy('startedAt').reverse().toArray();
  return stored.map(({ summary }) => ({ ...(summary as ImportSummary), counts: { ...noCounts(), ...(summary as ImportSummary).counts } }));
}

export async function loadImport(local: LocalStore, importId: string): Promise<ImportSummary | undefined> {
  return (await local.journals.get(importId))?.summary as ImportSummary | undefined;
}

export async function loadReport(local: LocalStore, importId: string): Promise<StoredReport | undefined> {
  return (await loadSetting(local, reportKey(importId))) as StoredReport | undefined;
}
