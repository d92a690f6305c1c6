/** The whole import on a desk over fake-indexeddb, with the engine in this thread. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { ALL } from '../../../domain/access/condition.ts';
import { rightsOf } from '../../../domain/access/rights.ts';
import { nouns } from '../../../domain/registry.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import { importedId } from '../../../renderer/data/ids.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { listTrash } from '../../../renderer/data/trash.ts';
import { type ImportEngine, type Prepared, importEngine, webPlatform } from '../../../renderer/import/import-engine.ts';
import { namesFor, previewImport, runImport } from '../../../renderer/import/import-run.ts';
import { listImports, loadReport } from '../../../renderer/import/journal.ts';
import { undoImport } from '../../../renderer/import/undo-import.ts';
import { type EngineResponse, type WorkerLike, workerEngine } from '../../../renderer/import/worker-engine.ts';
import { actor, freshDesk } from '../data/desk-kit.ts';

const REAL = path.join(import.meta.dirname, '../../../../shared/data/fsis_mpi_directory_by_establishment_number_2026-05.csv');
const HEADER = 'establishment_id,establishment_number,establishment_name,city,state,zip,phone';
const rowOf = (n: number): string => `${n},M${n},Plant ${n},Dodge City,KS,67801,(620) 227-${String(1000 + n)}`;
const fileOf = (...rows: string[]): Uint8Array => new TextEncoder().encode([HEADER, ...rows].join('\r\n'));
const facts = { fileName: 'plants.csv', profileId: 'plants', label: 'Plants' };
const options = { source: 'fsis', bringBackDeleted: false };

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});
async function openDesk(): Promise<Desk> {
  const desk = await freshDesk({ nouns, memory: true });
  desks.push(desk);
  return desk;
}

async function prepared(
  bytes: Uint8Array,
  engine: ImportEngine = importEngine(webPlatform),
): Promise<{ engine: ImportEngine; prepared: Prepared }> {
  const opened = await engine.open(bytes);
  if (!opened.ok) throw new Error(opened.refusal.message);
  const { profileId, headerRow } = opened.file;
  const { targets } = await engine.propose(profileId, headerRow);
  const setup = { profileId, headerRow, targets, source: 'fsis' };
  expect(await engine.problems(setup)).toEqual([]);
  return { engine, prepared: await engine.prepare(setup, {}) };
}
async function importInto(desk: Desk, bytes: Uint8Array, more: { signal?: AbortSignal; onProgress?: () => void } = {}) {
  const file = await prepared(bytes);
  return runImport(desk, file.engine, file.prepared, actor, facts, options, more);
}
/** Live records without what each write stamps. */
async function contents(desk: Desk, collection = 'locations'): Promise<Map<string, Record<string, unknown>>> {
  const found = await desk.collection(collection).find().exec();
  return new Map(
    found.map((each) => {
      const { w: _w, modifiedAt: _m, modifiedBy: _b, ...content } = each.toMutableJSON() as Record<string, unknown>;
      return [each.primary, content];
    }),
  );
}
const live = (desk: Desk): Promise<number> => desk.collection('locations').count().exec();

describe('preview', () => {
  test('says what would happen and writes nothing', async () => {
    const desk = await openDesk();
    await importInto(desk, fileOf(rowOf(1), rowOf(2)));
    const file = await prepared(
      fileOf(rowOf(1), rowOf(2).replace('Dodge City', 'Wright'), rowOf(3), rowOf(4).replace('KS,67801', 'MD,6877')),
    );
    const before = await contents(desk);
    const seen: number[] = [];
    const preview = await previewImport(
      desk,
      file.engine,
      file.prepared,
      actor,
      { ...options, importId: '' },
      { onProgress: ({ done }) => seen.push(done) },
    );
    expect(preview).toMatchObject({ created: 1, changed: 1, counts: { imported: 2, unchanged: 1, bad: 1 } });
    expect(preview?.rows.map((row) => [row.line, row.outcome])).toEqual([[5, 'bad']]);
    expect(preview?.reasons[0]?.finding.code).toBe('zip_not_in_state');
    expect(seen).toEqual([4]);
    expect(await contents(desk)).toEqual(before);
    expect(await listImports(desk.local)).toHaveLength(1);
  });
});

describe('import', () => {
  test('writes, waits to be sent, keeps its report, tells the others', async () => {
    const desk = await openDesk();
    const { summary } = await importInto(desk, fileOf(rowOf(1), rowOf(2).replace('67801', '1457').replace('KS', 'NY'), rowOf(3)));
    expect(summary).toMatchObject({ state: 'done', counts: { imported: 2, bad: 1 } });
    expect(await live(desk)).toBe(2);
    expect(await desk.local.waiting.where('collection').equals('locations').count()).toBe(2);
    expect((await loadReport(desk.local, summary.importId))?.rows).toMatchObject([
      { line: 3, outcome: 'bad', cells: expect.arrayContaining(['M2']) },
    ]);
    expect([...(await contents(desk)).keys()]).toContain(await importedId('fsis', '1'));
    const [told] = (await contents(desk, 'activities')).values();
    expect(told).toMatchObject({ kind: 'import', title: 'Import of plants.csv: 2 records written, 1 kept out' });
  });
  test('of the same file again writes nothing at all', async () => {
    const desk = await openDesk();
    const file = fileOf(rowOf(1), rowOf(2));
    await importInto(desk, file);
    await desk.local.waiting.clear();
    const { summary } = await importInto(desk, file);
    expect(summary.counts).toMatchObject({ imported: 0, unchanged: 2 });
    expect(await desk.local.waiting.count()).toBe(0);
    expect(await desk.local.beforeImages.where('importId').equals(summary.importId).count()).toBe(0);
  });
  test('that is cancelled leaves whole rows, and can be undone', async () => {
    const desk = await openDesk();
    const stop = new AbortController();
    const { summary } = await importInto(desk, fileOf(...Array.from({ length: 700 }, (_, i) => rowOf(i + 1))), {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(summary.state).toBe('cancelled');
    expect(await live(desk)).toBe(summary.counts.imported);
    expect(summary.counts.imported).toBeGreaterThan(0);
    expect(summary.counts.imported).toBeLessThan(700);
    const undone = await undoImport(desk, summary.importId, actor);
    expect(undone).toEqual({ undone: summary.counts.imported, kept: [] });
    expect(await live(desk)).toBe(0);
  });
  test('lookups are linked where exactly one record bears the name', async () => {
    const desk = await openDesk();
    const made = await submit(
      desk,
      { collection: 'parties', command: 'create', draft: { name: 'Rancho Verde', roles: ['supplier'] } },
      actor,
    );
    await submit(desk, { collection: 'parties', command: 'create', draft: { name: 'Twice', roles: ['supplier'] } }, actor);
    await submit(desk, { collection: 'parties', command: 'create', draft: { name: 'twice', roles: ['customer'] } }, actor);
    const names = await namesFor(desk, ['parties', 'parties']);
    expect(names['parties']?.get('rancho verde')).toBe(made.ok ? made.document.id : '');
    expect(names['parties']?.get('twice')).toBe('');
  });
});

describe('undo', () => {
  test('brings the collection back to what it was, but for what was edited or is used since', async () => {
    const desk = await openDesk();
    await importInto(desk, fileOf(rowOf(1), rowOf(2)));
    const before = await contents(desk);
    const second = await importInto(desk, fileOf(rowOf(1).replace('Dodge City', 'Wright'), rowOf(2), rowOf(3), rowOf(4), rowOf(5)));
    const ids = [...(await contents(desk))]
      .filter(([id]) => !before.has(id))
      .sort(([, a], [, b]) => String(a['name']).localeCompare(String(b['name'])));
    const [edited, used] = ids.map(([id]) => id);
    if (edited === undefined || used === undefined) throw new Error('nothing was made');
    await submit(desk, { collection: 'locations', command: 'change', id: edited, draft: { notes: 'seen on Monday' } }, actor);
    const held = await submit(desk, { collection: 'contacts', command: 'create', draft: { name: 'Ana', locationId: used } }, actor);
    expect(held.ok).toBe(true);
    const result = await undoImport(desk, second.summary.importId, actor);
    expect(result.kept.map(({ reason }) => reason).sort()).toEqual([
      'Plant 3 was changed since the import, so it was kept as it is.',
      'Plant 4 is used by contact "Ana", so it was kept.',
    ]);
    expect(result.undone).toBe(2);
    const after = await contents(desk);
    for (const [id, content] of before) expect(after.get(id)).toEqual(content);
    expect([...after.keys()].sort()).toEqual([...before.keys(), edited, used].sort());
    expect((await listTrash(desk, 'locations')).map((each) => each['name'])).toEqual(['Plant 5']);
    expect((await listImports(desk.local))[0]).toMatchObject({ state: 'partly_undone' });
  });
  test('after the window was closed in the middle of a write', async () => {
    const desk = await openDesk();
    const { summary } = await importInto(desk, fileOf(rowOf(1), rowOf(2)));
    // What a crash between the note and the write id leaves behind.
    await desk.local.beforeImages.toCollection().modify({ w: '' });
    expect(await undoImport(desk, summary.importId, actor)).toEqual({ undone: 2, kept: [] });
    expect(await live(desk)).toBe(0);
  });
  test('an undone file can be imported again', async () => {
    const desk = await openDesk();
    const file = fileOf(rowOf(1));
    const { summary } = await importInto(desk, file);
    await undoImport(desk, summary.importId, actor);
    expect((await importInto(desk, file)).summary.counts).toMatchObject({ imported: 1 });
    expect(await live(desk)).toBe(1);
  });
});

describe('behind a worker', () => {
  /** A worker made of a message channel: the same serialization, the same protocol. */
  function channelWorker(): { engine: ImportEngine; end: () => void } {
    const { port1, port2 } = new MessageChannel();
    const inner = importEngine(webPlatform);
    port2.on('message', (request: { id: number; call: keyof ImportEngine; args: never[] }) => {
      const work = (inner[request.call] as (...args: never[]) => Promise<unknown>)(...request.args);
      work.then(
        (value) => port2.postMessage({ id: request.id, ok: true, value } satisfies EngineResponse),
        (error: Error) => port2.postMessage({ id: request.id, ok: false, message: error.message } satisfies EngineResponse),
      );
    });
    const like: WorkerLike = {
      postMessage: (message) => port1.postMessage(message),
      addEventListener: (type: 'message' | 'error', listener: (event: never) => void) => {
        if (type === 'message') port1.on('message', (data: EngineResponse) => listener({ data } as never));
      },
    };
    return { engine: workerEngine(like), end: () => port1.close() };
  }
  test('[SYN-7] the import is the same, because everything it says survives the crossing, also for somebody whose rights are known', async () => {
    const desk = await openDesk();
    const { engine, end } = channelWorker();
    const file = await prepared(fileOf(rowOf(1), rowOf(2)), engine);
    const rights = rightsOf(
      (['*:read', '*:create', '*:import'] as const).map((permission) => ({ permission, when: ALL })),
      { accountId: actor.userId, desks: [actor.deskId] },
    );
    const { summary } = await runImport(desk, file.engine, file.prepared, { ...actor, rights }, facts, options);
    expect(summary.counts).toMatchObject({ imported: 2 });
    await expect(engine.prepare({ profileId: 'cows', headerRow: 0, targets: [], source: 'x' }, {})).rejects.toThrow(
      'cows is no kind of import',
    );
    end();
  });
});

if (!existsSync(REAL)) console.warn('SKIPPED: the real FSIS file is not beside the project, so its import on a desk was not tested.');
test.skipIf(!existsSync(REAL))('the real FSIS directory on a desk: written once, found again, undone', { timeout: 120_000 }, async () => {
  const desk = await openDesk();
  const bytes = new Uint8Array(readFileSync(REAL));
  const first = await importInto(desk, bytes);
  expect(first.summary.counts.bad).toBe(2);
  expect(await live(desk)).toBe(7183);
  const second = await importInto(desk, bytes);
  expect(second.summary.counts).toEqual({ imported: 0, repaired: 0, unchanged: 7183, skipped: 0, bad: 2 });
  const [cargill] = await desk
    .collection('locations')
    .find({ selector: { establishment: 'M86K' } })
    .exec();
  expect(cargill?.toJSON()).toMatchObject({ name: 'Cargill Meat Solutions', city: 'Dodge City', establishmentKeys: 'M86K 86K' });
  expect(await undoImport(desk, first.summary.importId, actor)).toEqual({ undone: 7183, kept: [] });
  expect(await live(desk)).toBe(0);
});
