/** Reads from this device what a rule looks at beside the record itself; see domain/record/around.ts. */
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type Around, type Look, type Looks, isFoundBy, lookAround } from '../../domain/record/around.ts';
import { plain, storedStates } from './commit.ts';
import type { Desk } from './desk.ts';

async function byIds(desk: Desk, looks: readonly Look[]): Promise<Map<Look, readonly AnyDocument[]>> {
  const found = new Map<Look, readonly AnyDocument[]>();
  for (const collection of new Set(looks.map((look) => look.collection))) {
    const own = looks.filter((look) => look.collection === collection);
    const states = await storedStates(
      desk,
      collection,
      own.map(({ value }) => value),
    );
    for (const look of own) {
      const stored = states.get(look.value);
      found.set(look, stored && !stored._deleted && !isWithdrawn(stored) ? [plain(stored)] : []);
    }
  }
  return found;
}

/** By the index of the reference; what else the look asks for is compared in memory. */
async function byReference(desk: Desk, look: Look): Promise<readonly AnyDocument[]> {
  const found = await desk
    .collection(look.collection)
    .find({ selector: { [look.by]: { $eq: look.value } } })
    .exec();
  return found.map((document) => document.toJSON() as AnyDocument).filter((document) => isFoundBy(look, document));
}

async function readLooks(desk: Desk, looks: readonly Look[]): Promise<readonly (readonly AnyDocument[])[]> {
  const ids = await byIds(
    desk,
    looks.filter(({ by }) => by === 'id'),
  );
  return Promise.all(looks.map(async (look) => ids.get(look) ?? (await byReference(desk, look))));
}

/** `asOf`: until when this device knew everything, ISO. Costs nothing where nothing is looked at. */
export const lookOnDesk = (desk: Desk, looks: Looks, asOf?: string): Promise<Around> =>
  lookAround(looks, (wanted) => readLooks(desk, wanted), asOf);
