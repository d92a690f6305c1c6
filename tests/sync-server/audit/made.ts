import type { AnyDocument } from '../../../domain/entity/entity.ts';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import { createRecord } from '../../../domain/record/record.commands.ts';
import { nouns } from '../../../domain/registry.ts';
import type { Client } from '../test-server.ts';

/** A new record as a device makes it, complete. */
export function made(client: Client, collection: string, id: string, draft: Readonly<Record<string, unknown>>): AnyDocument & WireDocument {
  const noun = nouns.find(({ entity }) => entity.collection === collection);
  if (!noun) throw new Error(`no ${collection}`);
  const { id: userId, deskId } = client.login.user;
  const decision = createRecord(noun, id, draft, { actor: { userId, deskId }, now: new Date().toISOString(), w: `w-${collection}-${id}` });
  if (!decision.ok) throw new Error(decision.rejection.message);
  return { ...decision.change.after, _deleted: false };
}
