import type { AnyDocument, Entity } from '../../domain/entity/entity.ts';

/** What the author wrote into the field for it, where this change wrote it. */
export function reasonOf({ reason: field }: Entity, after: AnyDocument, before: AnyDocument | undefined): { readonly reason?: string } {
  const reason = field === undefined ? undefined : after[field];
  return typeof reason === 'string' && reason !== '' && reason !== before?.[field ?? ''] ? { reason } : {};
}
