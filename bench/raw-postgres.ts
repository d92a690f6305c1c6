/** What the same Postgres does with the same documents when nobody asks for rules, audit or HTTP: the floor under our server. */
import pg from 'pg';
import type { BenchDocument } from './documents.ts';

type Connection = pg.Connection & {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
};

/** One COPY over pg's own connection: feeds rows in, or counts the bytes that come out. */
class Copy {
  readonly done: Promise<number>;
  private bytes = 0;
  private failure: Error | undefined;
  private readonly text: string;
  private readonly input: Buffer | undefined;
  private settle: (bytes: number) => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;

  constructor(text: string, input?: Buffer) {
    this.text = text;
    this.input = input;
    this.done = new Promise((resolve, reject) => {
      this.settle = resolve;
      this.reject = reject;
    });
  }
  submit(connection: pg.Connection): void {
    (connection as Connection).query(this.text);
  }
  handleCopyInResponse(connection: Connection): void {
    const input = this.input ?? Buffer.alloc(0);
    const step = 64 * 1024;
    for (let at = 0; at < input.length; at += step) connection.sendCopyFromChunk(input.subarray(at, at + step));
    connection.endCopyFrom();
  }
  handleCopyData(message: { readonly chunk: Buffer }): void {
    this.bytes += message.chunk.length;
  }
  handleRowDescription(): void {
    this.bytes += 0;
  }
  handleCommandComplete(): void {
    this.bytes += 0;
  }
  handleError(error: Error): void {
    this.failure = error;
    this.reject(error);
  }
  handleReadyForQuery(): void {
    if (!this.failure) this.settle(this.bytes);
  }
}

const copy = async (client: pg.Client, text: string, input?: Buffer): Promise<number> => {
  const task = new Copy(text, input);
  client.query(task);
  return task.done;
};
const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
};
const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n');

export interface RawRates {
  /** Documents a second, one stream, a text column. */
  readonly copyTo: number;
  /** Documents a second, one stream, jsonb with a primary key. */
  readonly copyFrom: number;
  /** Documents a second, one connection, one statement a batch, jsonb with a primary key. */
  readonly batchedInsert: number;
  /** The same over 20 connections. */
  readonly batchedInsert20: number;
}

async function insertAll(url: string, documents: readonly BenchDocument[], rows: number, connections: number): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  const batches: { ids: string[]; docs: string[] }[] = [];
  for (let at = 0; at < documents.length; at += rows) {
    const part = documents.slice(at, at + rows);
    batches.push({ ids: part.map((d) => d.id), docs: part.map((d) => JSON.stringify(d)) });
  }
  let next = 0;
  const took = await seconds(() =>
    Promise.all(
      clients.map(async (client) => {
        for (let batch = batches[next++]; batch; batch = batches[next++]) {
          await client.query('insert into bench_bare (id, doc) select * from unnest($1::text[], $2::jsonb[])', [batch.ids, batch.docs]);
        }
      }),
    ),
  );
  await Promise.all(clients.map((client) => client.end()));
  return documents.length / took;
}

/** Measures in tables of its own beside ours, in the same database, and removes them. */
export async function measureRaw(url: string, documents: readonly BenchDocument[], rows: number): Promise<RawRates> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const lines = Buffer.from(documents.map((d) => `${d.id}\t${escape(JSON.stringify(d))}\n`).join(''));
  const count = async (table: string): Promise<number> =>
    Number((await client.query<{ n: string }>(`select count(*) as n from ${table}`)).rows[0]?.n);
  try {
    await client.query('drop table if exists bench_text, bench_jsonb, bench_bare');
    await client.query('create table bench_text (id text primary key, doc text not null)');
    await client.query('create table bench_jsonb (id text primary key, doc jsonb not null)');
    await client.query('create table bench_bare (id text primary key, doc jsonb not null)');
    await copy(client, 'copy bench_text from stdin', lines);
    const copyFrom = documents.length / (await seconds(() => copy(client, 'copy bench_jsonb from stdin', lines)));
    // Three rounds: the first one warms Postgres' cache for the others, the best one is the floor.
    const rounds: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      let bytes = 0;
      rounds.push(
        await seconds(async () => {
          bytes = await copy(client, 'copy (select doc from bench_text) to stdout');
        }),
      );
      if (bytes < documents.length * 500) throw new Error(`COPY TO gave only ${bytes} bytes`);
    }
    const batchedInsert = await insertAll(url, documents, rows, 1);
    await client.query('truncate bench_bare');
    const batchedInsert20 = await insertAll(url, documents, rows, 20);
    for (const table of ['bench_jsonb', 'bench_bare']) {
      if ((await count(table)) !== documents.length) throw new Error(`${table} does not hold all documents`);
    }
    return { copyTo: documents.length / Math.min(...rounds), copyFrom, batchedInsert, batchedInsert20 };
  } finally {
    await client.query('drop table if exists bench_text, bench_jsonb, bench_bare');
    await client.end();
  }
}
