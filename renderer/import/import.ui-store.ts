/** Where the wizard stands. Outside of the components, so that an import goes on while the user looks at something else. */
import { create } from 'zustand';
import type { FileRefusal } from '../../domain/import/file-text.ts';
import type { OpenedFile, Proposal } from './import-engine.ts';
import type { ImportResult, Preview, Progress } from './import-run.ts';
import type { UndoResult } from './undo-import.ts';

export type Stage = 'choose' | 'map' | 'checking' | 'preview' | 'running' | 'done' | 'undoing' | 'undone';

export interface ImportUi {
  readonly stage: Stage;
  readonly fileName: string;
  readonly refusal: FileRefusal | undefined;
  /** The import itself failed; what was written is in the history. */
  readonly failure: string;
  readonly opened: OpenedFile | undefined;
  readonly profileId: string;
  readonly headerRow: number;
  readonly source: string;
  readonly bringBackDeleted: boolean;
  readonly proposal: Proposal | undefined;
  readonly targets: readonly (string | undefined)[];
  readonly problems: readonly string[];
  readonly progress: Progress | undefined;
  readonly preview: Preview | undefined;
  readonly result: ImportResult | undefined;
  readonly undo: UndoResult | undefined;
  /** Moves when the history on this device changed. */
  readonly historyVersion: number;
}

export const blankImport: Omit<ImportUi, 'historyVersion'> = {
  stage: 'choose',
  fileName: '',
  refusal: undefined,
  failure: '',
  opened: undefined,
  profileId: '',
  headerRow: 0,
  source: '',
  bringBackDeleted: false,
  proposal: undefined,
  targets: [],
  problems: [],
  progress: undefined,
  preview: undefined,
  result: undefined,
  undo: undefined,
};

export const useImportUi = create<ImportUi>(() => ({ ...blankImport, historyVersion: 0 }));
