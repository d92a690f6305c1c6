/** Stored JSON text on its way to a device: as it is for one of our version, cast down for one that is a version behind. */
import { withdrawnStub } from '../../domain/access/withdrawn.ts';
import { castDown } from '../../domain/entity/cast.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import { type FeedRow, wireText } from '../db/feed.ts';

type Stored = Parameters<typeof wireText>[0];

/** How stored documents of this entity are written for a device of this version. Only an older one costs parsing. */
export function textFor(entity: Entity, version: number): (row: Stored) => string {
  if (version === entity.version) return wireText;
  return ({ text, deleted }) =>
    wireText({ text: JSON.stringify(castDown(entity, version, JSON.parse(text) as Record<string, unknown>)), deleted });
}

/** What a device of this version is told to hold instead of a record that it may not have any more. */
export const withdrawnText = (entity: Entity, version: number, id: string, seq: number): string =>
  JSON.stringify(castDown(entity, version, withdrawnStub(entity, id, seq)));

/** The rows of a page: documents, and what stands for those that are withdrawn. */
export function rowTextFor(entity: Entity, version: number): (row: FeedRow) => string {
  const stored = textFor(entity, version);
  return ({ id, seq, text, deleted }) => (text === null ? withdrawnText(entity, version, id, seq) : stored({ text, deleted }));
}
