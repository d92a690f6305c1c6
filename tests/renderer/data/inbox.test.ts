import { afterEach, describe, expect, it } from 'vitest';
import type { Activity } from '../../../domain/activity/activity.entity.ts';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { nouns } from '../../../domain/registry.ts';
import { plain, storedStates } from '../../../renderer/data/commit.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import {
  type Entry,
  choicesOf,
  draftOfMine,
  entriesQuery,
  openChoices,
  readEntry,
  readKept,
  resolveEntry,
  saveChoice,
  sendAgain,
} from '../../../renderer/data/inbox.ts';
import { observeRecords } from '../../../renderer/data/observe-records.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { dropKept } from '../../../renderer/sync/kept-by-server.ts';
import { actor, freshDesk, until } from './desk-kit.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const open = async (): Promise<Desk> => {
  const desk = await freshDesk({ nouns, memory: true });
  ends.push(() => desk.close());
  return desk;
};
async function run(
  desk: Desk,
  collection: string,
  command: 'create' | 'change' | 'delete',
  draft: Record<string, unknown>,
  id?: string,
): Promise<AnyDocument> {
  const answer = await submit(desk, { collection, command, draft, ...(id === undefined ? {} : { id }) }, actor);
  if (!answer.ok) throw new Error(answer.rejection.message);
  return answer.document;
}
const stored = async (desk: Desk, collection: string, id: string) => {
  const state = (await storedStates(desk, collection, [id])).get(id);
  if (!state) throw new Error(`${collection}/${id} is not stored`);
  return { doc: plain(state), deleted: state._deleted };
};

interface Sent {
  readonly mine: Readonly<Record<string, unknown>>;
  readonly base?: AnyDocument;
  readonly deleted?: boolean;
  readonly paths?: readonly string[];
  readonly kind?: 'clash' | 'refusal';
  readonly clashes?: readonly unknown[];
}
/** An entry as the server writes it, in the shape both sides agreed on. */
async function entryOf(
  desk: Desk,
  collection: string,
  { mine, base, deleted = false, paths = [], kind = 'clash', clashes = [] }: Sent,
): Promise<Entry> {
  const problems = kind === 'clash' ? [] : paths.map((field) => ({ field, code: 'wrong', message: 'It is wrong.', severity: 'hard' }));
  const made = await run(desk, 'activities', 'create', {
    kind,
    title: `A ${kind}`,
    recordCollection: collection,
    recordId: mine['id'],
    recordTitle: 'As it was called',
    code: kind === 'clash' ? 'clash' : 'invalid',
    fieldNames: paths,
    keptContent: JSON.stringify({ mine, ...(base ? { base } : {}), deleted, problems, clashes }),
    assignedTo: actor.userId,
    dueAt: '',
    done: false,
  });
  return readEntry(made as Activity);
}
const again = async (desk: Desk, entry: Entry): Promise<Entry> => readEntry((await stored(desk, 'activities', entry.id)).doc as Activity);
const party = { name: 'Prairie Crest', roles: ['supplier'], street: '1 Old Rd', city: 'Omaha', state: 'NE', notes: 'old' };

describe('the inbox on the device', () => {
  it('[SYN-2] lists what is open for this person, and what was resolved', async () => {
    const desk = await open();
    const record = await run(desk, 'parties', 'create', party);
    const entry = await entryOf(desk, 'parties', { mine: { ...record, name: 'Mine' }, base: record, paths: ['name'], kind: 'refusal' });
    await run(desk, 'activities', 'create', { kind: 'refusal', title: 'Of another person', assignedTo: 'user-2', dueAt: '' });
    await run(desk, 'activities', 'create', { kind: 'task', title: 'A task', assignedTo: actor.userId, dueAt: '' });
    const lists = (['open', 'resolved'] as const).map((which) =>
      observeRecords(desk, 'activities', entriesQuery(actor.userId, which, 200)),
    );
    for (const live of lists) ends.push(live.subscribe(() => undefined));
    const ids = () => lists.map((live) => live.get().records.map(({ id }) => id));
    await until('one is open', () => ids()[0]?.length === 1);
    expect(ids()).toEqual([[entry.id], []]);
    expect(await resolveEntry(desk, entry, 'dropped', actor)).toMatchObject({ ok: true });
    await until('it is resolved', () => ids()[0]?.length === 0 && ids()[1]?.length === 1);
    expect(ids()).toEqual([[], [entry.id]]);
    expect(await again(desk, entry)).toMatchObject({ open: false, outcome: 'dropped', kept: { mine: { name: 'Mine' } } });
  });

  it('reads what it knows of the kept content, and nothing of what it does not know', () => {
    const mine = { id: 'a', name: 'x' };
    expect(readKept(JSON.stringify({ mine, deleted: true, problems: [{ field: 'name', message: 'No.', rule: 'R1' }, 3] }))).toEqual({
      mine,
      deleted: true,
      problems: [{ field: 'name', code: '', message: 'No.', rule: 'R1', severity: 'hard' }],
      clashes: [],
    });
    for (const text of ['', 'no json', '[]', '{"mine":3}', '{"mine":{}}']) expect(readKept(text), text).toBeUndefined();
  });

  it('[SYN-6] asks only about what differs from the record as it is stored now, units as a whole', async () => {
    const desk = await open();
    const base = await run(desk, 'parties', 'create', party);
    const mine = { ...base, name: 'Mine', street: '2 Mine Rd', city: 'Lincoln', notes: 'mine', website: 'https://mine.example' };
    await run(desk, 'parties', 'change', { name: 'Theirs', street: '3 Their Rd', city: 'Kearney', website: mine.website }, base.id);
    const entry = await entryOf(desk, 'parties', { mine, base, paths: ['name', 'street', 'city'] });
    const choices = openChoices(desk, entry, await stored(desk, 'parties', base.id));
    expect(choices.map(({ clashes }) => clashes.map(({ path }) => path).sort())).toEqual(
      expect.arrayContaining([['name'], ['city', 'street']]),
    );
    expect(choices).toHaveLength(2);
    await run(desk, 'parties', 'change', { name: 'Mine' }, base.id);
    expect(openChoices(desk, entry, await stored(desk, 'parties', base.id))).toHaveLength(1);
  });

  it('[SYN-6] saves the fields that were chosen as mine and leaves all others as they are stored', async () => {
    const desk = await open();
    const base = await run(desk, 'parties', 'create', party);
    const mine = { ...base, name: 'Mine', street: '2 Mine Rd', city: 'Lincoln' };
    await run(desk, 'parties', 'change', { name: 'Theirs', street: '3 Their Rd', city: 'Kearney', notes: 'theirs' }, base.id);
    const entry = await entryOf(desk, 'parties', { mine, base, paths: ['name', 'street', 'city'] });
    const choices = openChoices(desk, entry, await stored(desk, 'parties', base.id));
    const address = choices.find(({ clashes }) => clashes.length === 2)?.key ?? '';
    expect(await saveChoice(desk, entry, choices, new Set([address]), actor)).toMatchObject({ ok: true });
    expect((await stored(desk, 'parties', base.id)).doc).toMatchObject({
      name: 'Theirs',
      street: '2 Mine Rd',
      city: 'Lincoln',
      notes: 'theirs',
    });
    expect(await again(desk, entry)).toMatchObject({ open: false, outcome: 'taken' });
  });

  it('[SYN-6] keeps the entry open when the choice cannot be saved', async () => {
    const desk = await open();
    const base = await run(desk, 'parties', 'create', party);
    await run(desk, 'parties', 'change', { name: 'Theirs' }, base.id);
    const entry = await entryOf(desk, 'parties', { mine: { ...base, name: '' }, base, paths: ['name'] });
    const choices = openChoices(desk, entry, await stored(desk, 'parties', base.id));
    expect(await saveChoice(desk, entry, choices, new Set(['name']), actor)).toMatchObject({ ok: false });
    expect((await stored(desk, 'parties', base.id)).doc).toMatchObject({ name: 'Theirs' });
    expect(await again(desk, entry)).toMatchObject({ open: true });
  });

  it('[SYN-6] asks whether a record that one deleted and the other changed shall live', async () => {
    const desk = await open();
    const base = await run(desk, 'parties', 'create', party);
    // I deleted it, the other changed it: it lives, and I may delete it after all.
    await run(desk, 'parties', 'change', { notes: 'theirs' }, base.id);
    const first = await entryOf(desk, 'parties', { mine: base, base, deleted: true, paths: ['_deleted'] });
    const choices = openChoices(desk, first, await stored(desk, 'parties', base.id));
    expect(choices.map(({ key }) => key)).toEqual(['_deleted']);
    expect(await saveChoice(desk, first, choices, new Set(['_deleted']), actor)).toMatchObject({ ok: true });
    expect(await stored(desk, 'parties', base.id)).toMatchObject({ deleted: true });
    // I changed it, the other deleted it: bringing mine back restores it with my change.
    const second = await entryOf(desk, 'parties', { mine: { ...base, notes: 'mine' }, base, paths: ['_deleted'] });
    const back = openChoices(desk, second, await stored(desk, 'parties', base.id));
    expect(await saveChoice(desk, second, back, new Set(back.map(({ key }) => key)), actor)).toMatchObject({ ok: true });
    expect(await stored(desk, 'parties', base.id)).toMatchObject({ deleted: false, doc: { notes: 'mine' } });
  });

  it('[SYN-6] offers to take out a row that another had removed and that lives on because of this edit', async () => {
    const desk = await open();
    const rows = [
      { lineId: 'a', description: 'Brisket', cases: 1 },
      { lineId: 'b', description: 'Chuck', cases: 2 },
    ];
    const base = await run(desk, 'orders', 'create', { kind: 'purchase', number: 'PO-1', orderedOn: '2026-01-05', lines: rows });
    const mine = { ...base, lines: [rows[0], { ...rows[1], cases: 3 }] };
    const live = await run(desk, 'orders', 'change', { lines: mine.lines }, base.id);
    const clashes = [{ path: 'lines.b', base: rows[1], mine: mine.lines[1] }];
    const entry = await entryOf(desk, 'orders', { mine: live, base, paths: ['lines.b'], clashes });
    const choices = openChoices(desk, entry, await stored(desk, 'orders', base.id));
    expect(choices).toMatchObject([{ key: 'lines.b', stands: 'mine' }]);
    expect(await saveChoice(desk, entry, choices, new Set(), actor)).toMatchObject({ ok: true });
    expect((await stored(desk, 'orders', base.id)).doc).toMatchObject({ lines: [{ lineId: 'a' }] });
    expect(await again(desk, entry)).toMatchObject({ open: false, outcome: 'taken' });
  });

  it('puts single rows and their fields on top of the stored ones', () => {
    const now = {
      lines: [
        { lineId: 'a', price: 1 },
        { lineId: 'b', price: 2, memo: 'x' },
      ],
    };
    const mine = {
      lines: [
        { lineId: 'b', price: 9 },
        { lineId: 'c', price: 3 },
      ],
    };
    expect(draftOfMine(now, mine, ['lines.b.price', 'lines.b.memo', 'lines.c'])).toEqual({
      lines: [
        { lineId: 'a', price: 1 },
        { lineId: 'b', price: 9 },
        { lineId: 'c', price: 3 },
      ],
    });
    expect(draftOfMine(now, mine, ['lines.a'])).toEqual({ lines: [{ lineId: 'b', price: 2, memo: 'x' }] });
    expect(draftOfMine({ name: 'x' }, {}, ['name'])).toEqual({ name: undefined });
  });

  it('groups what is decided together, also where only one of them says so', () => {
    const keys = (clashes: Parameters<typeof choicesOf>[0]) => choicesOf(clashes).map((choice) => choice.clashes.map(({ path }) => path));
    expect(keys([{ path: 'a', together: ['a', 'c'] }, { path: 'b' }, { path: 'c' }])).toEqual([['a', 'c'], ['b']]);
    expect(keys([{ path: 'a' }, { path: 'b' }, { path: 'c', together: ['a', 'b', 'c'] }])).toEqual([['a', 'b', 'c']]);
  });

  it('[SYN-2] sends a refused deletion and a refused new record again, with its id', async () => {
    const desk = await open();
    const record = await run(desk, 'parties', 'create', party);
    const deletion = await entryOf(desk, 'parties', { mine: record, base: record, deleted: true, kind: 'refusal' });
    expect(await sendAgain(desk, deletion, actor)).toMatchObject({ ok: true });
    expect(await stored(desk, 'parties', record.id)).toMatchObject({ deleted: true });
    const fresh = await entryOf(desk, 'parties', { mine: { ...record, name: 'Again' }, kind: 'refusal' });
    expect(await sendAgain(desk, fresh, actor)).toMatchObject({ ok: true });
    expect(await stored(desk, 'parties', record.id)).toMatchObject({ deleted: false, doc: { name: 'Again' } });
    expect(await again(desk, fresh)).toMatchObject({ open: false, outcome: 'resubmitted' });
  });

  it('[SYN-2] drops from the device what the server has kept, and only that', async () => {
    const desk = await open();
    const record = await run(desk, 'parties', 'create', party);
    const row = { collection: 'parties', id: record.id, at: '2026-01-05T10:00:00.000Z', base: record, theirs: record };
    await desk.local.setAside.bulkAdd([
      { ...row, mine: { ...record, w: 'kept', name: 'Kept' } },
      { ...row, mine: { ...record, w: 'not-kept', name: 'Not kept' } },
    ]);
    await entryOf(desk, 'parties', { mine: { ...record, w: 'kept', name: 'Kept' }, base: record, paths: ['name'] });
    await dropKept(desk);
    expect(await desk.local.setAside.toArray()).toMatchObject([{ mine: { w: 'not-kept' } }]);
  });
});
