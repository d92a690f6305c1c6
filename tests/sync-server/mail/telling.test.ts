import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openSeal } from '../../../sync-server/auth/seal.ts';
import { type Database, openDatabase } from '../../../sync-server/db/database.ts';
import { openMailer } from '../../../sync-server/mail/mailer.ts';
import { type Telling, openTelling } from '../../../sync-server/mail/telling.ts';
import { type PostBox, openPostBox } from '../post-box.ts';
import { cloneDatabase, until } from '../test-server.ts';

const MINUTE = 60_000;
const [present, before, foreign] = ['present', 'before', 'foreign'].map((name) => openSeal(`${name} secret of this test, long enough`));
let clock = Date.UTC(2026, 4, 1);
let box: PostBox;
let db: Database;
beforeAll(async () => {
  box = await openPostBox();
  db = openDatabase({ url: await cloneDatabase() });
});
afterAll(async () => {
  await box.close();
  await db.close();
});
beforeEach(async () => {
  box.letters.length = 0;
  box.refuse(false);
  await db.rows({ text: 'delete from letters' });
});

function open(seals = [present]): { telling: Telling; errors: string[] } {
  const errors: string[] = [];
  const mailer = openMailer({ smtpUrl: box.url, from: 'drover@example.com' });
  const [first = openSeal('none'), ...others] = seals.filter((seal) => seal !== undefined);
  const onError = ({ message }: Error): void => void errors.push(message);
  return { telling: openTelling({ db, mailer, seals: [first, ...others], now: () => new Date(clock), onError, lookMs: 20 }), errors };
}
const outgoing = (to: string, minutes?: number) => ({
  accountId: 'a',
  to,
  letter: { subject: 'S', text: `https://desk.example.com/x#secret-of-${to}` },
  ...(minutes === undefined ? {} : { minutes }),
});
const write = (telling: Telling, to: string, minutes?: number): Promise<void> =>
  db.transaction((runner) => telling.tell(runner, outgoing(to, minutes)));
const receivers = (): string[] => box.letters.map(({ to }) => to.join()).toSorted();
const stored = (): Promise<{ text: string }[]> => db.rows({ text: 'select l::text as text from letters l' });

test('a letter goes when its transaction is committed, and never when it is rolled back', async () => {
  const { telling, errors } = open();
  class Undo extends Error {}
  const undone = db.transaction(async (runner) => {
    await telling.tell(runner, outgoing('undone@drover.example'));
    throw new Undo();
  });
  await expect(undone).rejects.toBeInstanceOf(Undo);
  await db.transaction(async (runner) => {
    await telling.tell(runner, outgoing('done@drover.example'));
    await new Promise((done) => setTimeout(done, 200));
    expect(box.letters).toEqual([]);
  });
  await until(() => box.letters.length > 0, 'the letter');
  await telling.close();
  expect(receivers()).toEqual(['done@drover.example']);
  expect(await stored()).toEqual([]);
  expect(errors).toEqual([]);
});

test('one that is refused is kept sealed, tried again after a while, and gone once it was taken', async () => {
  const { telling, errors } = open();
  box.refuse(true);
  const begun = box.refused();
  await write(telling, 'a@drover.example');
  await until(() => box.refused() > begun, 'the first try');
  await until(async () => (await telling.state()).refusedSince !== null, 'it is noted');
  expect(await telling.state()).toEqual({ waiting: 1, refusedSince: new Date(clock).toISOString(), lost: 0, lastLostAt: null });
  expect((await stored())[0]?.text).not.toMatch(/a@drover|secret-of|desk\.example/);
  box.refuse(false);
  await telling.close();
  // It was not due again yet.
  expect(box.letters).toEqual([]);
  clock += MINUTE;
  const next = open();
  await until(() => box.letters.length > 0, 'the letter');
  await next.telling.close();
  expect(receivers()).toEqual(['a@drover.example']);
  expect([...errors, ...next.errors]).toEqual(['a letter could not be sent yet']);
  expect(await next.telling.state()).toEqual({ waiting: 0, refusedSince: null, lost: 0, lastLostAt: null });
});

test('one whose link works no longer is not sent, and counted as lost for a week; nothing of it is kept', async () => {
  const { telling, errors } = open();
  box.refuse(true);
  await write(telling, 'late@drover.example', 30);
  await until(() => errors.length > 0, 'the first try');
  box.refuse(false);
  clock += 30 * MINUTE;
  await until(async () => (await telling.state()).lost > 0, 'it is given up');
  expect(await telling.state()).toEqual({ waiting: 0, refusedSince: null, lost: 1, lastLostAt: new Date(clock).toISOString() });
  expect(await db.rows({ text: 'select sealed from letters' })).toEqual([{ sealed: '' }]);
  expect(box.letters).toEqual([]);
  expect(errors).toEqual(['a letter could not be sent yet', 'a letter was of no use any more when it could be sent']);
  clock += 8 * 24 * 60 * MINUTE;
  expect((await telling.state()).lost).toBe(0);
  await telling.close();
});

test('one that nobody ever takes is given up within a day, with a line in the log', async () => {
  const { telling, errors } = open();
  box.refuse(true);
  const begun = clock;
  await write(telling, 'never@drover.example');
  for (let tries = 1; (await telling.state()).lost === 0; tries += 1) {
    if (tries > 200) throw new Error('it is tried for ever');
    clock += 15 * MINUTE;
    const refused = box.refused();
    await until(async () => box.refused() > refused || (await telling.state()).lost > 0, 'another try');
  }
  expect(clock - begun).toBeLessThanOrEqual(24 * 60 * MINUTE + 30 * MINUTE);
  expect(errors).toEqual(['a letter could not be sent yet', expect.stringMatching(/^a letter (?:could not be sent|was of no use)/)]);
  await telling.close();
});

test('several processes send each letter once', async () => {
  const tellings = [open(), open(), open()];
  const names = Array.from({ length: 30 }, (_, n) => `many-${n}@drover.example`);
  await Promise.all(names.map((name, n) => write((tellings[n % 3] ?? tellings[0] ?? open()).telling, name)));
  await until(() => box.letters.length >= names.length, 'all letters');
  await Promise.all(tellings.map(({ telling }) => telling.close()));
  expect(receivers()).toEqual(names.toSorted());
});

test('closing sends what is due, waits for letters that come of what is under way, and keeps what is refused', async () => {
  const { telling, errors } = open();
  telling.afterwards(async () => {
    await new Promise((done) => setTimeout(done, 100));
    await write(telling, 'c@drover.example');
  });
  await telling.close();
  expect(receivers()).toEqual(['c@drover.example']);
  const refusing = open();
  box.refuse(true);
  await write(refusing.telling, 'd@drover.example');
  await refusing.telling.close();
  expect(await stored()).toHaveLength(1);
  expect(errors).toEqual([]);
});

test('what another secret sealed is opened where that one is told, and else waits', async () => {
  const old = open([before]);
  box.refuse(true);
  await write(old.telling, 'sealed@drover.example');
  await old.telling.close();
  box.refuse(false);
  clock += MINUTE;
  const stranger = open([foreign]);
  await until(async () => ((await db.rows<{ tries: number }>({ text: 'select tries from letters' }))[0]?.tries ?? 9) > 1, 'it is tried');
  await stranger.telling.close();
  expect(box.letters).toEqual([]);
  clock += 15 * MINUTE;
  const heir = open([present, before]);
  await until(() => box.letters.length > 0, 'the letter');
  await heir.telling.close();
  expect(receivers()).toEqual(['sealed@drover.example']);
});
