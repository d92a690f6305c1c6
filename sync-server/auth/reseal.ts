/** Exchanging the secret that seals: what an earlier one closed is opened and closed with the present one when a server starts. */
import type { Database } from '../db/database.ts';
import { replaceSealed, sealedSecrets } from '../db/factors.ts';
import { type Seal, SealBroken } from './seal.ts';

export interface Resealed {
  readonly resealed: number;
  /** None of the secrets opens them: their owners set their app up anew. */
  readonly lost: number;
}

function opened(seals: readonly Seal[], sealed: string, owner: string): { readonly text: string; readonly by: Seal } | undefined {
  for (const by of seals) {
    try {
      return { text: by.open(sealed, owner), by };
    } catch (cause) {
      if (!(cause instanceof SealBroken)) throw cause;
    }
  }
  return undefined;
}

/** `earlier`: the secrets that may have closed what the present one does not open. Several servers may do it at once. */
export async function resealAll(db: Database, present: Seal, earlier: readonly Seal[]): Promise<Resealed> {
  let [resealed, lost] = [0, 0];
  for (const { accountId, sealed } of await sealedSecrets(db)) {
    const found = opened([present, ...earlier], sealed, accountId);
    if (!found) lost += 1;
    else if (found.by !== present && (await replaceSealed(db, accountId, sealed, present.close(found.text, accountId)))) resealed += 1;
  }
  return { resealed, lost };
}
