/**
 * Random histories of one number series on real Postgres: leases by several devices, numbers taken offline, lost answers,
 * crashes, wiped devices, backups and restores of the whole database, and what devices offer again afterwards. Whatever
 * happens, no two records ever bear one number, and no number that was rightly taken is refused.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { createRecord } from '../../../domain/record/record.commands.ts';
import { listSeries, numberText } from '../../../domain/record/series.ts';
import { type Database, openDatabase } from '../../../sync-server/db/database.ts';
import { assignNumber, declareSeries, leaseOut } from '../../../sync-server/db/series.ts';
import { openApplyQueue } from '../../../sync-server/push/apply-queue.ts';
import { pushRows } from '../../../sync-server/push/push-rows.ts';
import { cloneDatabase, databaseUrl } from '../test-server.ts';
import { openToAll } from '../open-nouns.ts';

const KEY = 'purchase-orders';
const [form] = orderNoun.series ?? [];

/** Ten numbers a millisecond instead of four a minute, so that the test waits for nothing. */
const FAST_LIMIT = `create or replace function series_limit(at timestamptz) returns bigint language sql immutable
  as $$ select floor((extract(epoch from at) - ${Math.floor(Date.now() / 1000) - 5}) * 10000)::bigint $$`;

type Op =
  | { readonly do: 'lease'; readonly who: number; readonly size: number; readonly lost: boolean; readonly process: number }
  | { readonly do: 'use'; readonly who: number; readonly crash: boolean; readonly process: number }
  | { readonly do: 'sync'; readonly who: number }
  | { readonly do: 'bare' }
  | { readonly do: 'wipe'; readonly who: number }
  | { readonly do: 'backup' }
  | { readonly do: 'restore' };
const who = fc.nat(2);
const process = fc.nat(1);
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('lease' as const), who, size: fc.integer({ min: 1, max: 6 }), lost: fc.boolean(), process }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('use' as const), who, crash: fc.boolean(), process }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sync' as const), who }) },
  { weight: 3, arbitrary: fc.constant({ do: 'bare' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wipe' as const), who }) },
  { weight: 1, arbitrary: fc.constant({ do: 'backup' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'restore' as const }) },
);

interface DeviceModel {
  id: string;
  blocks: { next: number; last: number }[];
  /** Taken for records that are saved here and not sent. */
  waiting: { id: string; number: string }[];
}

class World {
  #url: string;
  #backup: string | undefined;
  #processes: Database[] = [];
  readonly devices: DeviceModel[] = [0, 1, 2].map(() => ({ id: randomUUID(), blocks: [], waiting: [] }));
  /** Every number that any record was ever given: number -> record. Paper cannot be taken back. */
  readonly printed = new Map<string, string>();
  readonly stored = new Map<string, string>();

  constructor(url: string) {
    this.#url = url;
  }
  process(n: number): Database {
    const db = this.#processes[n];
    if (!db) throw new Error('the database is closed');
    return db;
  }
  open(): void {
    this.#processes = [0, 1].map(() => openDatabase({ url: this.#url, connections: 2 }));
  }
  async close(): Promise<void> {
    await Promise.all(this.#processes.map((db) => db.close()));
  }
  /** A copy of a database, as a restored dump is: the same content in another life. */
  async #copy(from: string): Promise<string> {
    const name = `series_${randomUUID().replaceAll('-', '')}`;
    const admin = openDatabase({ url: inject('postgresUrl'), connections: 1 });
    await admin.rows({ text: `create database ${name} template ${new URL(from).pathname.slice(1)}` });
    await admin.close();
    return databaseUrl(name);
  }
  async backUp(): Promise<void> {
    await this.close();
    this.#backup = await this.#copy(this.#url);
    this.open();
  }
  async restore(): Promise<void> {
    if (this.#backup === undefined) return;
    await this.close();
    this.#url = await this.#copy(this.#backup);
    this.open();
    // Every device offers again what it knows to have been stored; any of them may have it.
    let from = 0;
    for (const [id, number] of this.stored) {
      await this.push(this.devices[(from += 1) % 3]?.id ?? '', id, number, from % 2);
    }
  }
  print(number: string, id: string): void {
    if ((this.printed.get(number) ?? id) !== id) throw new Error(`${number} was given to another record before`);
    this.printed.set(number, id);
  }
  async push(device: string, id: string, number: string, process: number): Promise<void> {
    const draft = { kind: 'purchase', number, orderedOn: '2026-11-20', lines: [{ lineId: 'l', description: 'Trim', cases: 1 }] };
    const decision = createRecord(orderNoun, id, draft, {
      actor: { userId: 'u', deskId: 'd' },
      now: '2026-11-20T00:00:00.000Z',
      w: `w-${id}`,
    });
    if (!decision.ok) throw new Error(decision.rejection.message);
    const db = this.process(process);
    const row = { newDocumentState: { ...decision.change.after, _deleted: false } };
    const dependencies = {
      db,
      access: openToAll,
      apply: openApplyQueue(db, {}),
      nounOf: (name: string) => (name === 'orders' ? orderNoun : undefined),
      now: () => new Date(),
    };
    const { answers } = await pushRows(dependencies, orderNoun, [row], { actor: 'u', device });
    if (answers.length > 0) throw new Error(`${number} was refused`);
    this.stored.set(id, number);
  }

  async run(step: Op): Promise<void> {
    if (step.do === 'backup') return this.backUp();
    if (step.do === 'restore') return this.restore();
    if (step.do === 'bare') {
      const id = randomUUID();
      // Right after a restore the counter stands at its limit for a moment.
      for (let n: number | undefined; n === undefined; ) {
        n = await assignNumber(this.process(0), KEY, 'orders', id);
        if (n !== undefined) this.print(numberText(form ?? { prefix: '', width: 1 }, n), id);
      }
      return;
    }
    const device = this.devices[step.who];
    if (!device) return;
    switch (step.do) {
      case 'lease': {
        const block = await leaseOut(this.process(step.process), KEY, step.size, { device: device.id, account: 'u' });
        if (block && !step.lost) device.blocks.push({ next: block.first, last: block.last });
        return;
      }
      case 'use': {
        const block = device.blocks.find(({ next, last }) => next <= last);
        if (!block || !form) return;
        const [number, id] = [numberText(form, block.next), randomUUID()];
        block.next += 1;
        if (step.crash) return;
        this.print(number, id);
        device.waiting.push({ id, number });
        return;
      }
      case 'sync':
        for (const { id, number } of device.waiting.splice(0)) await this.push(device.id, id, number, step.who % 2);
        return;
      case 'wipe':
        this.devices[step.who] = { id: randomUUID(), blocks: [], waiting: [] };
    }
  }
}

test('[NUM-1, NUM-5] no number is ever given twice, and none that was rightly taken is refused, in any history', {
  timeout: 120_000,
}, async () => {
  let restores = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 15, maxLength: 45 }), async (steps) => {
      const world = new World(await cloneDatabase());
      world.open();
      try {
        await declareSeries(world.process(0), listSeries([orderNoun]));
        await world.process(0).rows({ text: FAST_LIMIT });
        for (const step of steps) await world.run(step);
        for (const device of [0, 1, 2]) await world.run({ do: 'sync', who: device });
        const doubles = await world.process(0).rows({
          text: `select doc->>'number' from orders where not deleted group by 1 having count(*) > 1`,
        });
        expect(doubles).toEqual([]);
        restores += steps.filter((step) => step.do === 'restore').length;
      } finally {
        await world.close();
      }
    }),
    { numRuns: 12, endOnFailure: true },
  );
  expect(restores).toBeGreaterThan(0);
});
