/** Random histories of several devices against a real database: every row ends somewhere, once. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, document, openTestServer, signIn } from '../test-server.ts';

let server: Server;
let clients: Client[];
beforeAll(async () => {
  server = await openTestServer();
  clients = [await signIn(server, 'broker', 'one'), await signIn(server, 'field', 'two'), await signIn(server, 'admin', 'three')];
});
afterAll(() => server.close());

/** A repeatable source of numbers below `below` (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

interface Device {
  readonly client: Client;
  readonly held: Map<string, WireDocument>;
}
interface Sent {
  readonly newDocumentState: WireDocument;
  readonly assumedMasterState?: WireDocument;
}

const fresh = (id: string): WireDocument => document(id, { name: `Party ${id}`, roles: ['supplier'], kind: 'organization' });

function edited(from: WireDocument, random: (below: number) => number): WireDocument {
  const value = `v${random(1000)}`;
  const edits: Record<string, unknown>[] = [
    { code: value },
    { insurer: value },
    { street: value },
    { city: value },
    { roles: [['supplier'], ['supplier', 'customer'], ['customer', 'carrier']][random(3)] },
    { lanes: Array.from({ length: random(3) + 1 }, (_, i) => ({ lineId: `l${i}`, from: `F${random(3)}`, to: 'T' })) },
    { _deleted: from._deleted ? false : random(3) === 0 },
    // Breaks a rule of the shape.
    { name: '' },
  ];
  return { ...from, ...edits[random(edits.length)], w: `w-${randomUUID()}` };
}

interface Ends {
  /** For each row that was sent, where it is found. */
  readonly ends: readonly (readonly string[])[];
  /** Inbox entries that there are, and that there must be. */
  readonly told: number;
  readonly owed: number;
}
async function history(seed: number, steps: number): Promise<Ends> {
  const random = randomFrom(seed);
  const ids = Array.from({ length: 4 }, (_, i) => `h${seed}-${i}`);
  const devices: Device[] = clients.map((client) => ({ client, held: new Map() }));
  const sent: { row: Sent; device: Device }[] = [];
  for (let step = 0; step < steps; step += 1) {
    const device = devices[random(devices.length)];
    const id = ids[random(ids.length)];
    if (!device || id === undefined) continue;
    if (random(4) === 0) {
      for (const state of await device.client.pullAll('parties')) if (ids.includes(state.id)) device.held.set(state.id, state);
      continue;
    }
    if (random(5) === 0) {
      // An answer was lost: the same row comes again, at any time.
      const again = sent[random(Math.max(1, sent.length))];
      if (again) await again.device.client.push('parties', [again.row]);
      continue;
    }
    const base = device.held.get(id);
    const newDocumentState = base ? edited(base, random) : fresh(id);
    const row = base ? { newDocumentState, assumedMasterState: base } : { newDocumentState };
    sent.push({ row, device });
    const [answer] = await device.client.push('parties', [row]);
    if (answer) device.held.set(id, answer);
    else if (random(3) > 0) device.held.set(id, newDocumentState);
  }
  const ends = await Promise.all(
    sent.map(async ({ row }) => {
      const [found] = await server.db.rows<{ ends: string[] }>({
        text: `select array(
            select 'stored' from audit where collection = 'parties' and id = $1 and w = $2
            union all select outcome from settled where id = $1 and w = $2
            union all select 'refused' from refused where id = $1 and w = $2
            union all select 'parked' from parked where id = $1 and w = $2
          ) as ends`,
        values: [row.newDocumentState.id, row.newDocumentState['w']],
      });
      return found?.ends ?? [];
    }),
  );
  const [counts] = await server.db.rows<{ told: number; owed: number }>({
    text: `select (select count(*) from activities where doc->>'kind' in ('refusal', 'clash') and doc->>'recordId' = any($1)) as told,
      (select count(*) from refused where id = any($1))
        + (select count(*) from settled where outcome = 'clash' and id = any($1)) as owed`,
    values: [ids],
  });
  return { ends, told: counts?.told ?? -1, owed: counts?.owed ?? -2 };
}

describe('[SYN-2] every row that is pushed', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    '[SYN-2, SYN-3] ends as exactly one of stored, settled or refused, and each refusal and clash has its entry (history %i)',
    async (seed) => {
      const { ends, told, owed } = await history(seed, 120);
      expect(ends.length).toBeGreaterThan(40);
      expect(ends.filter((one) => one.length !== 1 || one[0] === 'parked')).toEqual([]);
      expect(new Set(ends.flat()).size).toBeGreaterThan(2);
      expect(told).toBe(owed);
    },
  );

  test('[SYN-9] the feed has no hole, and each position is one audited change of one collection', async () => {
    const [found] = await server.db.rows<{ head: number; most: number; entries: number }>({
      text: 'select (select seq from feed_head) as head, (select max(seq) from audit) as most, (select count(*) from audit) as entries',
    });
    expect(found).toMatchObject({ most: found?.head, entries: found?.head });
    const odd = await server.db.rows({
      text: `select p.id from parties p join lateral (select seq, w from audit a where a.collection = 'parties' and a.id = p.id order by seq desc limit 1) a
        on true where a.seq <> p.seq or a.w <> p.w`,
    });
    expect(odd).toEqual([]);
  });
});
