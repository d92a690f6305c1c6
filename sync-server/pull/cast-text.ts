/** Stored JSON text on its way to a device: as it is for one of our version, cast down for one that is a version behind. */
import { castDown } from '../../domain/entity/cast.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import { wireText } from '../db/feed.ts';

type Row = Parameters<typeof wireText>[0];

/** How rows of this entity are written for a device of this version. Only an older one costs parsing. */
export function textFor(entity: Entity, version: number): (row: Row) => string {
  if (version === entity.version) return wireText;
  return ({ text, deleted }) =>
    wireText({ text: JSON.stringify(castDown(entity, version, JSON.parse(text) as Record<string, unknown>)), deleted });
}
