import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Device, type Load, type Loads, type StoredLoad, ask, makeDevice, openLoads, stateOf, write } from './packed-kit.ts';

/** Everything a collection holds, by id. */
async function everything(loads: Loads): Promise<Map<string, StoredLoad>> {
  const live = await ask(loads, { selector: {} });
  const dead = await ask(loads, { selector: { _deleted: { $eq: true } } } as never);
  return new Map([...live, ...dead].map((one) => [one.id, one]));
}

type Step =
  | { readonly do: 'put'; readonly ids: readonly number[]; readonly name: string; readonly note: number }
  | { readonly do: 'delete'; readonly id: number }
  | { readonly do: 'clean' }
  | { readonly do: 'reopen'; readonly politely: boolean };
const id = fc.nat({ max: 30 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      ids: fc.uniqueArray(id, { minLength: 1, maxLength: 12 }),
      name: fc.constantFrom('a', 'b', 'ü'),
      note: fc.constantFrom(1, 100, 9000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clean' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reopen' as const), politely: fc.boolean() }) },
);
const own = (n: number): string => `load-${n}`;

async function play(device: Device, steps: readonly Step[]): Promise<void> {
  const model = new Map<string, StoredLoad>();
  let loads = await openLoads(device.start());
  const check = async (): Promise<void> => expect(await everything(loads)).toEqual(model);
  for (const one of steps) {
    if (one.do === 'put') {
      const rows = one.ids.map((n) => {
        const previous = model.get(own(n));
        const load: Load = { id: own(n), name: one.name, state: 'draft', sealed: n % 2 === 0, note: 'x'.repeat(one.note) };
        const document = stateOf(load, previous);
        return previous ? { previous, document } : { document };
      });
      expect((await loads.bulkWrite(rows, 'test')).error).toEqual([]);
      for (const { document } of rows) model.set(document.id, document);
    } else if (one.do === 'delete') {
      const previous = model.get(own(one.id));
      if (!previous) continue;
      const { _deleted, _rev, _meta, _attachments, ...load } = previous;
      const document = stateOf(load, previous, true);
      await write(loads, document, previous);
      model.set(document.id, document);
    } else if (one.do === 'clean') {
      expect(await loads.cleanup(0)).toBe(true);
      for (const [key, { _deleted }] of model) if (_deleted) model.delete(key);
    } else {
      if (one.politely) await loads.close();
      loads = await openLoads(device.start());
    }
    await check();
  }
  await loads.close();
}

describe('a reopened storage', () => {
  it('holds what a plain map holds, whatever was written, deleted, cleaned and reopened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
        const device = makeDevice();
        await play(device, steps);
        expect(device.damages).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
