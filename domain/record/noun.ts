/** What the write path needs to know of a noun beside its shape. */
import type { AnyDocument, Entity } from '../entity/entity.ts';
import type { Problem } from '../entity/problem.ts';

export interface Noun {
  readonly entity: Entity;
  /** Rules between fields; pure, the same on the device and on the server. `before` is absent for a new record. */
  readonly check?: (after: AnyDocument, before?: AnyDocument) => Problem[];
  /** Fills computed fields (totals, search keys) from the others; runs before validation on both sides. */
  readonly derive?: (document: AnyDocument) => AnyDocument;
}
