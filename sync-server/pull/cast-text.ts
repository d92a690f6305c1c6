/**
 * Stored JSON text on its way to a device: as it is for one of our version whose user may see all fields, without the hidden
 * ones for the others, cast down for a device that is a version behind.
 */
import { seenThrough } from '../../domain/access/field-limits.ts';
import { withdrawnStub } from '../../domain/access/withdrawn.ts';
import { castDown } from '../../domain/entity/cast.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import type { ReadScope } from '../access/access.ts';
import { type FeedRow, wireText } from '../db/feed.ts';

type Stored = Parameters<typeof wireText>[0];

/** How stored documents of this entity are written for a device of this version. Only an older one and hidden fields cost parsing. */
export function textFor(entity: Entity, version: number, { views }: Pick<ReadScope, 'views'>): (row: Stored) => string {
  if (version === entity.version && views === undefined) return wireText;
  return ({ text, deleted }) => {
    const seen = seenThrough(entity, views, JSON.parse(text) as Record<string, unknown>);
    return wireText({ text: JSON.stringify(castDown(entity, version, seen)), deleted });
  };
}

/** What a device of this version is told to hold instead of a record that it may not have any more. */
export const withdrawnText = (entity: Entity, version: number, id: string, seq: number): string =>
  JSON.stringify(castDown(entity, version, withdrawnStub(entity, id, seq)));

/** The rows of a page: documents, and what stands for those that are withdrawn. */
export function rowTextFor(entity: Entity, version: number, read: Pick<ReadScope, 'views'>): (row: FeedRow) => string {
  const stored = textFor(entity, version, read);
  return ({ id, seq, text, deleted }) => (text === null ? withdrawnText(entity, version, id, seq) : stored({ text, deleted }));
}
