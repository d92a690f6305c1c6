/**
 * What a company does all day, at a steady rate: 200 signed-in users with their live streams open look for news, page through
 * plants, read records and their history, and save. A request is due at its moment whether or not the server has come so far,
 * and its time counts from there; so a server that falls behind cannot hide it. Goes up until it does fall behind.
 */
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import type { PullAnswer } from '../domain/protocol/protocol.ts';
import { nouns } from '../domain/registry.ts';
import { COLLECTION, SCHEMA_VERSION, benchDocument, benchDocuments } from './documents.ts';
import { startListeners } from './live/listeners.ts';
import { type Target, measurePush, quantile, send } from './load.ts';
import { type Running, makeDatabase, signInUsers, startOurs } from './processes.ts';
import type { Line, Run, Subject } from './report.ts';

const PORT = 8898;
const USERS = 200;
const ROWS = 60;
/** Of a browser: one of the six is the stream's. */
const CONNECTIONS = 5;
const WANTED = { perSecond: 500, p95: 300, megabytes: 2048 } as const;
const RATES = [WANTED.perSecond, 1000, 1500, 2000, 3000, WANTED.perSecond * 10] as const;

interface User {
  readonly agent: Agent;
  readonly target: Target;
}
interface Stage {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}
/** One request of the day. `n` counts all of them. */
type Deed = (user: User, n: number) => Promise<void>;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const pathAt = `/sync/${COLLECTION}/${SCHEMA_VERSION}`;

async function ask(user: User, method: 'GET' | 'POST', path: string, body?: unknown): Promise<string> {
  const answer = await send(user.agent, user.target, method, path, body === undefined ? undefined : JSON.stringify(body));
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body.subarray(0, 300).toString()}`);
  return answer.body.toString();
}

/** In ten requests: five look for news, two page, one reads by id, one reads a history, one saves. */
function deedsOf(ids: readonly string[], head: number): readonly Deed[] {
  /** Where the devices stand: they hear the stream, so a look for news finds only what came a moment ago. */
  let at = head;
  const idAt = (n: number): string => ids[(n * 7919) % ids.length] ?? '';
  const news: Deed = async (user) => {
    const { checkpoint } = JSON.parse(await ask(user, 'GET', `${pathAt}/pull?lwt=${at}&id=&limit=500`)) as PullAnswer;
    at = Math.max(at, checkpoint.lwt);
  };
  const page: Deed = async (user, n) => void (await ask(user, 'GET', `${pathAt}/pull?lwt=${(n * 7919) % head}&id=&limit=100`));
  const read: Deed = async (user, n) => {
    await ask(user, 'POST', `${pathAt}/read`, { ids: Array.from({ length: 20 }, (_, i) => idAt(n + i)) });
  };
  const history: Deed = async (user, n) => void (await ask(user, 'GET', `/audit?collection=${COLLECTION}&id=${idAt(n)}`));
  const save: Deed = async (user, n) => {
    const taken = await ask(user, 'POST', `${pathAt}/push`, [{ newDocumentState: benchDocument(9, n) }]);
    if (taken !== '[]') throw new Error(`a save was refused: ${taken.slice(0, 300)}`);
    at += 1;
  };
  return [news, page, save, news, read, news, page, news, history, news];
}

function openDay(users: readonly User[], deeds: readonly Deed[]) {
  let count = 0;
  return async (perSecond: number, seconds: number): Promise<Stage> => {
    const times: number[] = [];
    const begun: Promise<void>[] = [];
    const from = performance.now();
    for (let i = 0; i < perSecond * seconds; ) {
      const due = Math.min(perSecond * seconds, Math.floor(((performance.now() - from) * perSecond) / 1000));
      for (; i < due; i += 1) {
        const [user, deed] = [users[count % users.length], deeds[Math.floor(count / 3) % deeds.length]];
        if (!user || !deed) throw new Error('a day has users and deeds');
        const at = from + (i * 1000) / perSecond;
        begun.push(deed(user, count).then(() => void times.push(performance.now() - at)));
        count += 1;
      }
      await pause(1);
    }
    await Promise.all(begun);
    const sorted = times.toSorted((a, b) => a - b);
    return { perSecond, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99) };
  };
}

/** The most memory that the server ever held, in MB. */
async function peakOf({ pid }: Running): Promise<number> {
  return Number(/VmHWM:\s+(\d+)/u.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
}

async function measureDay(running: Running, quick: boolean, say: Run['say']): Promise<{ readonly stages: Stage[]; readonly peak: number }> {
  const documents = benchDocuments(1, quick ? 1_000 : 20_000);
  await measurePush(running.target, documents, 8, ROWS);
  const { origin } = running.target;
  const headers = await signInUsers(origin, USERS);
  const listeners = startListeners();
  const users = headers.map((own): User => {
    const target = { origin, path: pathAt, headers: own };
    return { agent: new Agent({ keepAlive: true, maxSockets: CONNECTIONS }), target };
  });
  try {
    const names = nouns.map(({ entity }) => `${entity.collection}:${entity.version}`).join(',');
    await listeners.open({ origin, headers, streams: [`/sync/stream?collections=${names}`], count: USERS });
    const run = openDay(
      users,
      deedsOf(
        documents.map(({ id }) => id),
        documents.length,
      ),
    );
    // So that connections are open and plans are made.
    await run(200, 2);
    const stages: Stage[] = [];
    for (const perSecond of quick ? RATES.slice(0, 2) : RATES) {
      const stage = await run(perSecond, quick ? 3 : perSecond === WANTED.perSecond ? 20 : 8);
      say(`mixed: ${perSecond} requests/s, p95 ${stage.p95.toFixed(0)} ms`);
      stages.push(stage);
      if (stage.p95 > WANTED.p95) break;
    }
    return { stages, peak: await peakOf(running) };
  } finally {
    for (const { agent } of users) agent.destroy();
    listeners.stop();
  }
}

function linesOf(stages: readonly Stage[], peak: number): Line[] {
  const wanted = (what: string, unit: Line['unit'], ours: number, value: number): Line => ({
    what: `mixed load of ${USERS} users, ${what}`,
    unit,
    ours,
    baselines: [{ name: 'wanted', value }],
  });
  const kept = stages.filter(({ p95 }) => p95 <= WANTED.p95).at(-1)?.perSecond ?? 0;
  return [
    ...stages.flatMap(({ perSecond, p95, p99 }) => [
      wanted(`${perSecond} requests/s, p95`, 'ms', p95, WANTED.p95),
      ...(perSecond === WANTED.perSecond ? [wanted(`${perSecond} requests/s, p99`, 'ms', p99, WANTED.p95)] : []),
    ]),
    wanted('highest rate tried that was kept', 'requests/s', kept, WANTED.perSecond),
    wanted('most memory that the server held', 'MB', peak, WANTED.megabytes),
  ];
}

export const mixed: Subject = {
  notes: [
    `Mixed load: of ten requests five look for news, two page through 100 records, one reads 20 records, one a history, one saves; each save goes to ${USERS} open streams. What is compared with is what was wanted, not another system.`,
  ],
  async measure({ postgres, quick, say }: Run) {
    await makeDatabase(postgres.url, 'bench_mixed');
    const running = await startOurs(PORT, postgres.urlOf('bench_mixed'), { BENCH_USERS: String(USERS) });
    try {
      const { stages, peak } = await measureDay(running, quick, say);
      return linesOf(stages, peak);
    } finally {
      await running.stop();
    }
  },
};
