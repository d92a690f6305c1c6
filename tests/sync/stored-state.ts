/** The database of a simulated company as a whole: emptied before a history, read for the checker, saved and put back. */
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import type { Runner } from '../../sync-server/db/database.ts';
import { type SimUser, roles } from './sim-users.ts';

export interface AuditRow {
  readonly seq: number;
  readonly collection: string;
  readonly id: string;
  readonly w: string;
  readonly kind: string;
  readonly actor: string;
  readonly device: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>>;
}
export interface StoredRow {
  readonly id: string;
  readonly w: string;
  readonly seq: number;
  readonly deleted: boolean;
  readonly doc: Readonly<Record<string, unknown>>;
}
/** Of a row that was parked, refused or settled. */
export interface AsideRow {
  readonly collection: string;
  readonly id: string;
  readonly w: string;
  readonly doc: Readonly<Record<string, unknown>> | null;
  readonly device?: string;
  readonly code?: string;
  readonly outcome?: string;
  readonly wants?: readonly string[];
}
/** What the books say of the numbers of series. */
export interface SeriesRow {
  readonly key: string;
  readonly next: number;
  readonly floor: number;
}
export interface LeaseRow {
  readonly series: string;
  readonly first: number;
  readonly last: number;
  readonly device: string;
}
export interface NumberRow {
  readonly series: string;
  readonly n: number;
  readonly id: string;
  readonly state: string;
  readonly origin: string;
}
export interface StoredState {
  readonly head: { readonly seq: number; readonly epoch: string };
  readonly audit: readonly AuditRow[];
  readonly documents: Readonly<Record<string, readonly StoredRow[]>>;
  readonly parked: readonly AsideRow[];
  readonly refused: readonly AsideRow[];
  readonly settled: readonly AsideRow[];
  readonly series: readonly SeriesRow[];
  readonly leases: readonly LeaseRow[];
  readonly numbers: readonly NumberRow[];
}

const BOOKS = [
  'audit',
  'applied',
  'parked',
  'refused',
  'settled',
  'epoch_log',
  'access_changes',
  'served_scopes',
  'account_desks',
  'accounts',
  'series_number',
  'series_lease',
];
/** Stay when a company is emptied, and begin anew. */
const COUNTERS = ['series', 'access_version'];
interface Table {
  readonly name: string;
  readonly columns: string;
}
const DOCUMENT_COLUMNS = 'id, doc, w, deleted, schema_version, seq';
/** Emptied tables keep their dead rows until somebody sweeps. */
const VACUUM_EVERY = 100;

export const wireOf = ({ doc, deleted }: StoredRow): WireDocument => ({ ...doc, _deleted: deleted }) as WireDocument;

export class CompanyDatabase {
  readonly #runner: Runner;
  readonly #collections: readonly string[];
  #emptied = 0;

  constructor(runner: Runner, collections: readonly string[]) {
    this.#runner = runner;
    this.#collections = collections;
  }
  #run(text: string): Promise<unknown[]> {
    return this.#runner.rows({ text });
  }
  #tables(): readonly Table[] {
    return [...BOOKS.map((name) => ({ name, columns: '*' })), ...this.#collections.map((name) => ({ name, columns: DOCUMENT_COLUMNS }))];
  }
  /** What a backup holds. */
  #saved(): readonly Table[] {
    return [...this.#tables(), ...COUNTERS.map((name) => ({ name, columns: '*' }))];
  }
  /** In one transaction, without asking references and triggers. */
  #inOne(statements: readonly string[]): Promise<unknown[]> {
    return this.#run(['begin', 'set local session_replication_role = replica', ...statements, 'commit'].join(';\n'));
  }

  /** Makes the place where a copy is saved. */
  async prepare(): Promise<void> {
    const copies = this.#saved().map(
      ({ name, columns }) => `create table saved."${name}" as select ${columns} from public."${name}" with no data`,
    );
    await this.#run(['create schema saved', ...copies, 'create table saved.feed_head as table public.feed_head with no data'].join(';\n'));
    await this.#runner.rows({
      text: 'insert into roles (name, label, grants) select name, label, grants from jsonb_to_recordset($1::jsonb) r(name text, label text, grants jsonb)',
      values: [JSON.stringify(roles)],
    });
  }

  /** Nothing is left but these people. */
  async empty(users: readonly SimUser[] = []): Promise<void> {
    await this.#inOne([
      ...this.#tables().map(({ name }) => `delete from public."${name}"`),
      `update feed_head set seq = 0, epoch = 'the-first-epoch', incarnation = feed_incarnation()`,
      `insert into epoch_log (epoch, starts_at_seq, why) select epoch, 0, 'made' from feed_head`,
      'update access_version set version = 1',
      `update series set next = 1, floor = 1, epoch = ''`,
      ...users.map(
        ({ id, email, name, simRole, deskId }) =>
          `insert into accounts (id, email, name, role, desk_id) values ('${id}', '${email}', '${name}', '${simRole}', '${deskId}')`,
      ),
    ]);
    this.#emptied += 1;
    if (this.#emptied % VACUUM_EVERY === 0) for (const { name } of this.#tables()) await this.#run(`vacuum public."${name}"`);
  }

  /** As `drover user` does it; the triggers of the database move the version of the rights. */
  async setRights({ id, simRole, deskId }: SimUser): Promise<void> {
    await this.#runner.rows({ text: 'update accounts set role = $2, desk_id = $3 where id = $1', values: [id, simRole, deskId] });
  }

  /** Copies the whole company aside, as a backup does. */
  async save(): Promise<void> {
    const tables = [...this.#saved(), { name: 'feed_head', columns: '*' }];
    await this.#inOne(
      tables.flatMap(({ name, columns }) => [
        `delete from saved."${name}"`,
        `insert into saved."${name}" select ${columns} from public."${name}"`,
      ]),
    );
  }
  /** Puts the backup back. With `sign` it is another life of the database, as after a restore or a failover. */
  async restore(sign: boolean): Promise<void> {
    await this.#inOne([
      ...this.#saved().flatMap(({ name, columns }) => [
        `delete from public."${name}"`,
        `insert into public."${name}" ${columns === '*' ? '' : `(${columns})`} overriding system value select * from saved."${name}"`,
      ]),
      `update feed_head h set seq = s.seq, epoch = s.epoch, incarnation = ${sign ? `'an earlier life'` : 's.incarnation'} from saved.feed_head s`,
    ]);
  }

  async read(): Promise<StoredState> {
    const list = (table: string, columns: string, order: string): string =>
      `(select coalesce(json_agg(r order by ${order}), '[]') from (select ${columns} from "${table}") r)`;
    const parts = [
      `'head', (select json_build_object('seq', seq, 'epoch', epoch) from feed_head)`,
      `'audit', ${list('audit', 'seq, collection, id, w, kind, actor, device, before::jsonb as before, after::jsonb as after', 'seq')}`,
      `'parked', ${list('parked', 'collection, id, w, doc, device, wants', 'id')}`,
      `'refused', ${list('refused', 'collection, id, w, doc, device, code', 'number').replace('select collection', 'select number, collection')}`,
      `'series', ${list('series', 'key, next, floor', 'key')}`,
      `'leases', ${list('series_lease', 'series, first, last, device', 'series, first')}`,
      `'numbers', ${list('series_number', 'series, n, id, state, origin', 'series, n')}`,
      `'settled', ${list('settled', 'collection, id, w, doc, outcome', 'id')}`,
      `'documents', json_build_object(${this.#collections.map((name) => `'${name}', ${list(name, DOCUMENT_COLUMNS, 'seq')}`).join(', ')})`,
    ];
    const rows = await this.#runner.rows<{ state: StoredState }>({ text: `select json_build_object(${parts.join(', ')}) as state` });
    const [row] = rows;
    if (!row) throw new Error('the company could not be read');
    return row.state;
  }
}
