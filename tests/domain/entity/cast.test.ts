import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castDown, oldestServed, stepUpFrom } from '../../../domain/entity/cast.ts';
import { type AnyDocument, type Entity, allFields } from '../../../domain/entity/entity.ts';
import { flag, integer, text, texts } from '../../../domain/entity/field.ts';
import { addedBy, rxSchema } from '../../../domain/entity/rx-schema.ts';
import { validate } from '../../../domain/entity/validate.ts';
import { liftOnto, overlay } from '../../../domain/record/overlay.ts';
import { nouns } from '../../../domain/registry.ts';
import { documentsOf } from '../arbitrary-document.ts';
import { pen0, pen1, pen2 } from '../pens.ts';

/** Every registered entity with what a next release might add to it. */
function nextOf(entity: Entity): Entity {
  const more = {
    houseCode: text('House code', { index: true, max: 20 }),
    isWatched: flag('Watched', {}),
    handles: texts('Handles', {}),
    headCount: integer('Head count', {}),
  };
  const changes = [...entity.changes, { added: Object.keys(more) }];
  return { ...entity, fields: { ...entity.fields, ...more }, changes, version: changes.length };
}
const pairs: [string, Entity, Entity][] = [
  ['pens 0 and 1', pen0, pen1],
  ['pens 1 and 2, renamed and reshaped', pen1, pen2],
  ...nouns.map(({ entity }): [string, Entity, Entity] => [`${entity.collection} and their next version`, entity, nextOf(entity)]),
];

describe.each(pairs)('%s', (_, older, newer) => {
  it('[SYN-10] the older device accepts every document that it is sent (I24)', () => {
    const known = new Set(Object.keys(rxSchema(older).properties));
    fc.assert(
      fc.property(documentsOf(newer), (document) => {
        const sent = castDown(newer, older.version, document);
        expect(validate(older, sent)).toEqual([]);
        expect(Object.keys(sent).filter((key) => !known.has(key))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('[SYN-10] what an older device sends back untouched changes nothing', () => {
    fc.assert(
      fc.property(documentsOf(newer), (document) => {
        expect(liftOnto(newer, older.version, castDown(newer, older.version, document), document)).toEqual(document);
      }),
      { numRuns: 25 },
    );
  });

  it('[SYN-10] whatever an older device writes leaves the fields that it does not know as they are (I18)', () => {
    const unknown = Object.keys(allFields(newer)).filter((key) => !(key in allFields(older)) && key !== 'title');
    fc.assert(
      fc.property(documentsOf(newer), documentsOf(older), (document, written) => {
        const lifted = liftOnto(newer, older.version, written, document) as AnyDocument;
        for (const key of unknown) expect(JSON.stringify(lifted[key])).toBe(JSON.stringify(document[key]));
        expect(validate(newer, lifted)).toEqual([]);
        expect(castDown(newer, older.version, lifted)).toEqual(written);
      }),
      { numRuns: 25 },
    );
  });

  it('[SYN-10] a new record of an older device is valid in the newer version', () => {
    fc.assert(
      fc.property(documentsOf(older), (written) => {
        expect(validate(newer, liftOnto(newer, older.version, written, undefined))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});

describe('versions', () => {
  it('[SYN-10] one step back is served, unless the step cannot be taken back', () => {
    expect([pen0, pen1, pen2].map(oldestServed)).toEqual([0, 0, 1]);
    expect(oldestServed({ ...pen0, version: 1, changes: [{ why: 'for good', up: (document) => document }] })).toBe(1);
  });

  it('[SYN-10] a renamed field follows the edit of an older device, and a feeding keeps what it was not told of', () => {
    const stored = {
      id: 'p',
      w: 'w1',
      name: 'Old',
      title: 'New',
      feedings: [
        { lineId: 'a', pounds: 5, feed: 'corn' },
        { lineId: 'b', pounds: 6, feed: 'hay' },
      ],
    };
    const sent = castDown(pen2, 1, stored);
    expect(sent).toEqual({
      id: 'p',
      w: 'w1',
      name: 'New',
      feedings: [
        { lineId: 'a', pounds: 5 },
        { lineId: 'b', pounds: 6 },
      ],
    });
    const edited = {
      ...sent,
      name: 'Newer',
      feedings: [
        { lineId: 'b', pounds: 7 },
        { lineId: 'c', pounds: 1 },
      ],
    };
    expect(liftOnto(pen2, 1, edited, stored)).toEqual({
      id: 'p',
      w: 'w1',
      name: 'Newer',
      title: 'Newer',
      feedings: [
        { lineId: 'b', pounds: 7, feed: 'hay' },
        { lineId: 'c', pounds: 1 },
      ],
    });
  });

  it('an older device cannot write a field of a later version', () => {
    expect(liftOnto(pen1, 0, { id: 'p', name: 'x', grade: 'a' }, undefined)).toMatchObject({ grade: 'b' });
    expect(addedBy(pen1.changes[0] ?? { indexed: '' })).toContain('grade');
  });

  it('two steps up in a row give what the newest version asks for', () => {
    expect(stepUpFrom(pen2, 0, { id: 'p', name: 'x' })).toEqual({ id: 'p', name: 'x', title: 'x', grade: 'b' });
  });

  it('an overlay keeps what was not seen, takes what was written, and drops what was cleared', () => {
    expect(overlay({ a: 1, b: 2, c: { d: 3, e: 4 } }, { a: 1, c: { d: 3 } }, { c: { d: 5 } })).toEqual({ b: 2, c: { d: 5, e: 4 } });
  });
});
