/**
 * Bugs that others have shipped, put into the ports of the simulated servers, to prove that the simulation finds each. The
 * servers' own code holds no switch for them: a planted bug wraps the database that a server is given, or replaces a function
 * in the database of the simulation.
 */
import type { Rights } from '../../domain/access/rights.ts';
import type { AccountAccess } from '../../sync-server/access/access.ts';
import type { Database, Runner, Statement } from '../../sync-server/db/database.ts';
import type { CastName, Deed } from './plan.ts';
import type { Ports } from './sim-server.ts';
import { withoutNewFields } from './versions.ts';

export interface Plant {
  readonly name: string;
  /** The rules of which the checker must find at least one broken. */
  readonly breaks: readonly string[];
  readonly ports: Ports;
  /** What a history must hold for the bug to do any harm; others are not played. */
  readonly needs?: Deed['do'];
  readonly limits?: true;
  readonly older?: true;
  readonly casts?: readonly CastName[];
  /** A function of the database, the one that writes unless told; parts of its text, and what takes their place. */
  readonly rewrites?: readonly (readonly [from: string, to: string])[];
  readonly of?: string;
  /** Run in the database before each history. */
  readonly before?: readonly string[];
  /** Run in the database once before, and to undo it. */
  readonly sow?: readonly string[];
  readonly weed?: readonly string[];
}

/** A database whose statements pass through `around`. */
const wrapped =
  (around: (statement: Statement, run: (statement: Statement) => Promise<unknown[]>) => Promise<unknown[]>) =>
  (db: Database): Database => ({
    ...db,
    rows: async <Row>(statement: Statement) => (await around(statement, (one) => db.rows(one))) as Row[],
  });

/** Entries of inboxes are numbered behind everything else of their push (sync-server/push/inbox-entries.ts). */
const isEntry = ({ n }: { readonly n: number }): boolean => n % 2_000_000 >= 1_500_000;

/** A refused row is forgotten, with the entry for its author, where the same call writes a good row. */
const lostRefusal: Plant = {
  name: 'lost refusal',
  breaks: ['SYN-2'],
  ports: {
    database: wrapped((statement, run) => {
      const { values = [] } = statement;
      if (statement.name !== 'sync-apply') return run(statement);
      const [writes, docs, befores, salts, origins, parks, unparks, , settles] = values;
      const columns = JSON.parse(String(writes)) as Readonly<Record<string, unknown[]>> & { readonly n: number[] };
      const isGood = columns.n.map((n) => !isEntry({ n }));
      if (!isGood.includes(true)) return run(statement);
      const good = <Item>(list: readonly Item[]): Item[] => list.filter((_, i) => isGood[i]);
      const rest = Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, good(column)]));
      const [lines, were] = [docs, befores].map((text) => good(String(text).split('\n')).join('\n'));
      return run({ ...statement, values: [JSON.stringify(rest), lines, were, salts, origins, parks, unparks, '[]', settles] });
    }),
  },
};

/** The server says that there is no other history, and begins none. */
const missingEpoch: Plant = {
  name: 'missing epoch',
  breaks: ['SYN-1', 'SYN-2', 'SYN-5'],
  ports: {
    history: (history) => ({ ...history, require: async () => undefined }),
    database: wrapped((statement, run) => (statement.name === 'notice-restore' ? Promise.resolve([]) : run(statement))),
  },
};

/** A pull is answered with the position to which the server has come, not with that of the last document in the page. */
const jumpingCheckpoint: Plant = {
  name: 'checkpoint that jumps',
  breaks: ['SYN-1', 'SYN-5'],
  ports: {
    database: wrapped(async (statement, run) => {
      const rows = (await run(statement)) as { id: string | null; seq: number }[];
      const [head] = rows.filter(({ id }) => id === null);
      const last = rows.at(-1);
      if (!statement.name?.startsWith('page-') || !head || !last || last === head) return rows;
      return [...rows.slice(0, -1), { ...last, seq: head.seq }];
    }),
  },
};

/** What was applied before is forgotten, and nothing in the database minds. */
const doubleAudit: Plant = {
  name: 'double audit',
  breaks: ['SYN-3'],
  ports: {
    database: wrapped(async (statement, run) => {
      const rows = await run(statement);
      return statement.name?.startsWith('sight-') ? rows.filter((row) => (row as { what: string }).what !== 'applied') : rows;
    }),
  },
  sow: ['alter table applied drop constraint applied_pkey'],
  weed: ['alter table applied add primary key (collection, id, w)'],
};

/** A page is cut to its length before it is known what of it may be read, so a short page does not mean the end. */
const filterAfterLimit: Plant = {
  name: 'filter after LIMIT',
  breaks: ['SYN-1'],
  ports: {
    database: wrapped((statement, run) => {
      if (!statement.name?.startsWith('page-')) return run(statement);
      // The name goes with the text.
      const { name: _, ...unnamed } = statement;
      const text = statement.text.replaceAll(
        /from "(\w+)" t where t\.seq > \$1 and/g,
        (_found, table: string) => `from (select * from "${table}" where seq > $1 order by seq limit $2) t where t.seq > $1 and`,
      );
      return run({ ...unnamed, text });
    }),
  },
};

/** Live streams go on by the rights that their users had when they were opened. */
const staleScope: Plant = {
  name: 'stale scope on a live stream',
  breaks: ['SYN-7'],
  needs: 'rights',
  ports: { access: (access) => ({ ...access, onChange: () => undefined }) },
};

/** What comes from somebody who does not see all fields is stored as it comes. */
const hiddenOverwritten: Plant = {
  name: 'hidden field overwritten with nothing',
  breaks: ['SYN-7'],
  limits: true,
  ports: {
    access: (access) => {
      const careless = (account: AccountAccess): AccountAccess => {
        const { rights } = account;
        const writes: Rights['writes'] = (...what) => rights.writes(...what).map(({ without: _, ...one }) => one);
        return { ...account, rights: { ...rights, hidden: () => [], writes } };
      };
      return { ...access, at: async (...what) => careless(await access.at(...what)) };
    },
  },
};

/** What comes from a device one version behind is taken for the whole record: of what is stored only the fields that it knows are kept. */
const newFieldsForgotten: Plant = {
  name: 'new field lost to an older device',
  breaks: ['SYN-10'],
  older: true,
  ports: {
    database: wrapped(async (statement, run) => {
      const rows = await run(statement);
      if (statement.name !== 'sight-ranches') return rows;
      return (rows as { what: string; doc: object }[]).map((row) =>
        row.what === 'stored' ? { ...row, doc: withoutNewFields(row.doc) } : row,
      );
    }),
  },
};

/** The opening of a stream says that nothing has changed while the device was away. */
const stillHeads: Plant = {
  name: 'heads that stand still',
  breaks: ['SYN-1', 'SYN-5'],
  ports: {
    database: wrapped(async (statement, run) => {
      const rows = (await run(statement)) as object[];
      return statement.name === 'feed-heads' ? rows.map((row) => ({ ...row, last: 0 })) : rows;
    }),
  },
};

const LOCK = 'select seq into head from feed_head for update;';
const MOVE = 'update feed_head set seq = head;';
/** Without the head under lock, it has to follow in a transaction of its own. */
const headFollows = wrapped(async (statement, run) => {
  const rows = await run(statement);
  if (statement.name === 'sync-apply')
    await run({ text: 'update feed_head set seq = greatest(seq, (select coalesce(max(seq), 0) from audit))' });
  return rows;
});

/** Positions from a sequence, taken without the lock: a later one may be committed earlier. */
const bigserialOrder: Plant = {
  name: 'bigserial order',
  breaks: ['SYN-1', 'SYN-5'],
  ports: { database: headFollows },
  rewrites: [
    [
      LOCK,
      `head := case when cardinality(todo) = 0 then 0
         else setval('planted_seq', nextval('planted_seq') + cardinality(todo) - 1) - cardinality(todo) end;`,
    ],
    [MOVE, 'null;'],
  ],
  before: ['alter sequence planted_seq restart'],
  sow: ['create sequence planted_seq'],
  weed: ['drop sequence planted_seq'],
};

/** Positions from the clock of the server that writes, as an engine that orders by time of change does. */
const wallClockOrder: Plant = {
  name: 'wall-clock order',
  breaks: ['SYN-1', 'SYN-5'],
  ports: { database: headFollows },
  rewrites: [
    [
      LOCK,
      `head := case when cardinality(todo) = 0 then 0
         else (extract(epoch from froms[1].at) * 1000)::bigint * 1000 + (nextval('planted_seq') * 20) % 1000 end;`,
    ],
    [MOVE, 'null;'],
  ],
  before: ['alter sequence planted_seq restart'],
  sow: ['create sequence planted_seq'],
  weed: ['drop sequence planted_seq'],
};

/** After a restore a counter goes on from where it was put back to. */
const numberTwice: Plant = {
  name: 'number given twice after a restore',
  breaks: ['NUM-1', 'NUM-5'],
  needs: 'restore',
  casts: ['orders', 'ledger'],
  ports: {},
  of: 'series_now(series, timestamptz)',
  rewrites: [['s.next := greatest(s.next, series_limit(at) + 8);', '']],
};

export const plants: readonly Plant[] = [
  wallClockOrder,
  bigserialOrder,
  filterAfterLimit,
  doubleAudit,
  lostRefusal,
  staleScope,
  hiddenOverwritten,
  newFieldsForgotten,
  missingEpoch,
  jumpingCheckpoint,
  stillHeads,
  numberTwice,
];

/** The function that writes. */
export const WRITER = 'sync_apply(jsonb, text, text, text, jsonb, jsonb, jsonb, jsonb, jsonb)';

/** Puts the bug into the database; the answered function takes it out again. The company must be empty both times. */
export async function sow(runner: Runner, { of = WRITER, rewrites = [], sow: seeds = [], weed = [] }: Plant): Promise<() => Promise<void>> {
  const [found] = await runner.rows<{ text: string }>({ text: `select pg_get_functiondef('${of}'::regprocedure) as text` });
  const original = found?.text ?? '';
  let changed = original;
  for (const [from, to] of rewrites) {
    if (!changed.includes(from)) throw new Error(`${of} holds no "${from}" any more; plant the bug anew`);
    changed = changed.replace(from, to);
  }
  for (const text of [...seeds, changed]) await runner.rows({ text });
  return async () => {
    for (const text of [original, ...weed]) await runner.rows({ text });
  };
}
