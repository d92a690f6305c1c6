/** What the small server has heard of, and that it was put back to an earlier state. */
import type { KnownBody, LostAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';

export interface Restored {
  /** What it held of these it has never heard of any more. */
  readonly lost?: readonly string[];
  /** These it knows by its history only, as when they are not for this user's eyes any more. */
  readonly hidden?: readonly string[];
}

/** `states`: what the server holds, by collection and id. All of it counts as shared with whoever saw another history. */
export function makeWireHistory(states: Map<string, { readonly document: WireDocument }>) {
  /** Every write that it has heard of, by collection and id. */
  const heard = new Map<string, Set<unknown>>();
  let restores = 0;
  const epoch = (): string => `e${restores + 1}`;
  return {
    epoch,
    hears(key: string, document: WireDocument): void {
      heard.set(key, (heard.get(key) ?? new Set()).add(document['w']));
    },
    restore(collection: string, { lost = [], hidden = [] }: Restored): void {
      restores += 1;
      for (const id of [...lost, ...hidden]) states.delete(`${collection}/${id}`);
      for (const id of lost) heard.delete(`${collection}/${id}`);
    },
    known(collection: string, { states: asked }: KnownBody): LostAnswer {
      const isHeard = ({ id, w }: KnownBody['states'][number]): boolean => heard.get(`${collection}/${id}`)?.has(w) === true;
      return {
        lost: asked.filter((one) => !isHeard(one)).map(({ id }) => ({ id, base: states.get(`${collection}/${id}`)?.document ?? null })),
        hidden: asked.filter((one) => isHeard(one) && !states.has(`${collection}/${one.id}`)).map(({ id }) => id),
        scope: '',
      };
    },
    /** What somebody is told who claims to have seen another history. */
    refusal(claim: string): object | undefined {
      if (claim === '' || claim.split(/[.,]/u)[1] === epoch()) return undefined;
      return { code: 'history_changed', detail: 'The server was put back.', epoch: epoch(), until: 0 };
    },
  };
}
