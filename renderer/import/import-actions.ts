/** What the wizard's buttons do. Each action ends in one state of the store; a failure is a state too. */
import { mayNot } from '../../domain/access/locks.ts';
import { normalizeHeader } from '../../domain/entity/import-mapping.ts';
import { FILE_BYTES_MAX } from '../../domain/import/file-text.ts';
import { KEY, LEAVE_OUT } from '../../domain/import/profile.ts';
import { profileOf } from '../../domain/import/profiles.ts';
import type { Actor } from '../../domain/record/record.commands.ts';
import { nouns } from '../../domain/registry.ts';
import type { Desk } from '../data/desk.ts';
import { loadSetting, saveSetting } from '../data/local-store.ts';
import { NoRoom, requireRoom } from '../data/room.ts';
import type { ImportEngine, SetupMessage } from './import-engine.ts';
import { type ImportFacts, type Progress, namesFor, previewImport, runImport } from './import-run.ts';
import { blankImport, useImportUi } from './import.ui-store.ts';
import { undoImport } from './undo-import.ts';
import { startImportWorker } from './worker-engine.ts';

/** The fallback kind when no column was recognised: the user chooses, this one is only preselected. */
const FALLBACK_PROFILE = 'suppliers';

let running: { readonly engine: ImportEngine; readonly end: () => void } | undefined;
let stop: AbortController | undefined;

const ui = () => useImportUi.getState();
const set = useImportUi.setState;

function engine(): ImportEngine {
  running ??= startImportWorker();
  return running.engine;
}
function endEngine(): void {
  running?.end();
  running = undefined;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
/** Runs a step; what it throws becomes a sentence on the screen and the wizard goes back to a stage that works. */
async function guarded(back: 'choose' | 'map' | 'preview' | 'done', step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    endEngine();
    const why = error instanceof NoRoom ? error.message : `The import stopped because of a fault: ${wordsOf(error)}.`;
    const failure = `${why} What was written until then is in the list of earlier imports and can be undone.`;
    set((now) => ({ stage: back === 'map' || back === 'preview' ? 'choose' : back, failure, historyVersion: now.historyVersion + 1 }));
  }
}

/** Why this person may not import such a file, before a row of it is written; undefined where it is allowed. */
export function importDenied({ rights }: Actor, profileId: string): string | undefined {
  const entity = nouns.find((noun) => noun.entity.collection === profileOf(profileId)?.collection)?.entity;
  // Undoing an import takes away what it made.
  return entity && (mayNot(rights, entity, 'import') ?? mayNot(rights, entity, 'create') ?? mayNot(rights, entity, 'delete'));
}

export function startOver(): void {
  stop?.abort();
  endEngine();
  set(blankImport);
}

/** How the columns of this kind of file were mapped last time: normalized header -> path, '' for kept as an extra. */
type Remembered = Readonly<Record<string, string>>;
const rememberKey = (profileId: string): string => `import.mapping.${profileId}`;
const isRemembered = (value: unknown): value is { readonly columns: Remembered; readonly source: string } =>
  typeof value === 'object' && value !== null && 'columns' in value && 'source' in value && typeof value.source === 'string';

async function proposeFor(desk: Desk, profileId: string, headerRow: number): Promise<void> {
  const proposal = await engine().propose(profileId, headerRow);
  const stored = await loadSetting(desk.local, rememberKey(profileId));
  const remembered = isRemembered(stored) ? stored : undefined;
  const profile = profileOf(profileId);
  const known = new Set([KEY, LEAVE_OUT, ...(profile?.targets.map((target) => target.path) ?? [])]);
  const targets = proposal.targets.map((proposed, i) => {
    const last = remembered?.columns[normalizeHeader(proposal.headers[i] ?? '')];
    if (last === '') return undefined;
    return last !== undefined && known.has(last) ? last : proposed;
  });
  const own = profile?.source ?? 'file';
  set({ profileId, headerRow, proposal, targets, source: own === 'file' ? (remembered?.source ?? own) : own });
  await checkSetup();
}

function setupMessage(): SetupMessage {
  const { profileId, headerRow, targets, source } = ui();
  return { profileId, headerRow, targets, source };
}
async function checkSetup(): Promise<void> {
  const problems = await engine().problems(setupMessage());
  set({ problems });
}

export async function chooseFile(desk: Desk, file: File): Promise<void> {
  startOver();
  if (file.size > FILE_BYTES_MAX) {
    set({
      fileName: file.name,
      refusal: {
        code: 'too_large',
        message: `${file.name} has ${Math.ceil(file.size / 1024 / 1024)} MB; at most 100 MB are read. Split it and import the parts.`,
      },
    });
    return;
  }
  await guarded('choose', async () => {
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await file.arrayBuffer());
    } catch (error) {
      set({
        fileName: file.name,
        refusal: {
          code: 'unreadable',
          message: `${file.name} could not be read (${wordsOf(error)}). If another program has it open, close it there and choose the file again.`,
        },
      });
      return;
    }
    const answer = await engine().open(bytes);
    if (!answer.ok) {
      set({ fileName: file.name, refusal: answer.refusal });
      return;
    }
    set({ fileName: file.name, opened: answer.file });
    await proposeFor(desk, answer.file.profileId === '' ? FALLBACK_PROFILE : answer.file.profileId, answer.file.headerRow);
    set({ stage: 'map' });
  });
}

export const chooseKind = (desk: Desk, profileId: string): Promise<void> =>
  guarded('map', () => proposeFor(desk, profileId, ui().headerRow));
export const chooseHeaderRow = (desk: Desk, headerRow: number): Promise<void> =>
  guarded('map', () => proposeFor(desk, ui().profileId, headerRow));

export function chooseTarget(column: number, path: string): Promise<void> {
  set((now) => ({ targets: now.targets.map((old, i) => (i === column ? path || undefined : old)) }));
  return guarded('map', checkSetup);
}
export function chooseSource(source: string): Promise<void> {
  set({ source });
  return guarded('map', checkSetup);
}
export const chooseBringBack = (bringBackDeleted: boolean): void => set({ bringBackDeleted });
export const backToMapping = (): void => set({ stage: 'map', preview: undefined });

async function remember(desk: Desk): Promise<void> {
  const { proposal, targets, profileId, source } = ui();
  const columns = Object.fromEntries((proposal?.headers ?? []).map((header, i) => [normalizeHeader(header), targets[i] ?? '']));
  await saveSetting(desk.local, rememberKey(profileId), { columns, source });
}

async function prepare(desk: Desk) {
  const setup = setupMessage();
  const chosen = new Set(setup.targets);
  const lookups =
    profileOf(setup.profileId)?.targets.flatMap((target) =>
      target.lookup !== undefined && chosen.has(target.path) ? [target.lookup] : [],
    ) ?? [];
  return engine().prepare({ ...setup, company: desk.company.get() }, await namesFor(desk, lookups));
}

/** What a row takes on the device, indexes, journal and the waiting mark included; a generous guess. */
const ROW_BYTES = 6000;

/** React paints at most this often while rows fly by. */
const PAINT_MS = 100;
function progressPainter(): (progress: Progress) => void {
  let last = 0;
  return (progress) => {
    const now = performance.now();
    if (now - last < PAINT_MS && progress.done < progress.total) return;
    last = now;
    set({ progress });
  };
}

export const startPreview = (desk: Desk, actor: Actor): Promise<void> =>
  guarded('map', async () => {
    stop = new AbortController();
    set({ stage: 'checking', progress: undefined, failure: '' });
    await remember(desk);
    const prepared = await prepare(desk);
    const { source, bringBackDeleted } = ui();
    const options = { importId: '', source, bringBackDeleted };
    const preview = await previewImport(desk, engine(), prepared, actor, options, { signal: stop.signal, onProgress: progressPainter() });
    if (preview) set({ stage: 'preview', preview });
    else if (ui().stage === 'checking') set({ stage: 'map' });
  });

export const startImport = (desk: Desk, actor: Actor): Promise<void> =>
  guarded('preview', async () => {
    const { source, bringBackDeleted, profileId, fileName } = ui();
    stop = new AbortController();
    set({ stage: 'running', progress: undefined, failure: '' });
    const prepared = await prepare(desk);
    await requireRoom(prepared.ids.length * ROW_BYTES, 'This import');
    const facts: ImportFacts = { fileName, profileId, label: profileOf(profileId)?.label ?? profileId };
    const result = await runImport(
      desk,
      engine(),
      prepared,
      actor,
      facts,
      { source, bringBackDeleted },
      { signal: stop.signal, onProgress: progressPainter() },
    );
    endEngine();
    set((now) => ({ stage: 'done', result, preview: undefined, historyVersion: now.historyVersion + 1 }));
  });

/** Stops after the rows that are being written now. */
export const cancel = (): void => stop?.abort();

export const undo = (desk: Desk, actor: Actor, importId: string): Promise<void> =>
  guarded('choose', async () => {
    set({ stage: 'undoing', progress: undefined, failure: '' });
    const result = await undoImport(desk, importId, actor, { onProgress: progressPainter() });
    set((now) => ({ stage: 'undone', undo: result, historyVersion: now.historyVersion + 1 }));
  });
