/** Reads one page of a collection, from where this device has to begin, and notes what the page says of the server. */
import type { Checkpoint, WireDocument } from '../../domain/protocol/protocol.ts';
import type { Flights } from './flights.ts';
import type { Gate } from './gate.ts';
import type { makeHistory } from './heal.ts';
import type { AnyPage } from './ingest-pages.ts';
import type { makeNewest } from './newest.ts';
import type { makeRewind } from './rewind.ts';
import type { makeServed } from './served.ts';
import type { Session } from './session.ts';
import type { makeStill } from './still.ts';
import { pullPage, pullUnread } from './wire.ts';

interface ReaderParts {
  readonly session: Session;
  readonly gate: Gate;
  readonly collection: string;
  readonly version: number;
  readonly flights: Flights;
  readonly history: ReturnType<typeof makeHistory>;
  readonly served: ReturnType<typeof makeServed>;
  readonly rewind: ReturnType<typeof makeRewind>;
  readonly still: ReturnType<typeof makeStill>;
  readonly newest: ReturnType<typeof makeNewest>;
  /** A pull is sent that covers everything before it. */
  readonly asked: () => void;
}

/** `adopted`: gets what besides the page is to be written. `unread`: the documents of the page may stay a text. */
export function makeReader(parts: ReaderParts) {
  const { session, gate, collection, version, flights, history, served, rewind, still, newest, asked: sent } = parts;
  const ask = (checkpoint: Checkpoint | undefined, limit: number, unread: boolean) =>
    history.within('pull', async (claim) => {
      const asked = await served.start(checkpoint);
      const start = await rewind.start(asked);
      // What was looked through was not all written, or it would not be pulled again: no page may be passed over this time.
      if (start !== asked) await served.doubt();
      sent();
      const held = served.held(start);
      const found = still.pull({ start, held, claim });
      const asking = { collection, version, after: start, limit, history: claim, held };
      const pull = unread ? pullUnread : pullPage;
      return { from: start, answer: found ? { documents: [], checkpoint: found } : await pull(session, asking) };
    });
  return (checkpoint: Checkpoint | undefined, limit: number, adopted: WireDocument[], unread: boolean): Promise<AnyPage> =>
    flights.behind(
      async () => {
        const { from, answer } = await ask(checkpoint, limit, unread);
        rewind.started(from);
        await history.seen(answer.checkpoint.id);
        gate.wake();
        newest.pulled(answer.checkpoint);
        await served.note(answer.checkpoint);
        if ('text' in answer) return { from, answer, documents: [] };
        adopted.push(...history.takeAnswers());
        // What is noted of a push between RxDB's look and its own note of the page would make it drop the latter.
        return { from, answer, documents: [...adopted, ...answer.documents] };
      },
      ({ from: start }) => rewind.to(start),
    );
}
