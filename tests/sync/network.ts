/**
 * The network between the simulated devices and the two servers: a request may be lost, its answer may be lost, it may come
 * twice, late, or after a later one; a live stream keeps its order and may end anywhere.
 */
import type { InjectOptions } from 'fastify';
import type { Heads } from '../../domain/protocol/heads.ts';
import { DEVICE_HEADER, type StreamFrame } from '../../domain/protocol/protocol.ts';
import { type Kernel, type Owner, deferred } from './kernel.ts';
import { type Answer, type OpenStream, type SimServer, USER_HEADER } from './sim-server.ts';
import type { SimUser } from './sim-users.ts';

/** In percent of messages. */
export interface NetworkTroubles {
  readonly dropRequest: number;
  readonly dropAnswer: number;
  readonly duplicate: number;
  /** A live stream breaks instead of delivering its next frame. */
  readonly cutStream: number;
}
export const CALM: NetworkTroubles = { dropRequest: 0, dropAnswer: 0, duplicate: 0, cutStream: 0 };

/** Who sends: one life of a device, and the person in front of it. */
export interface Sender {
  readonly owner: Owner;
  readonly deviceId: string;
  readonly user: SimUser;
}
export class Unreachable extends Error {}

/** Sees every message to a device when a server sends it; an answer may hold what was read since the step of its request. */
export type Watch = (sender: Sender, path: string, body: unknown, since?: number) => void;

/** The documents of a message, for whoever reads the trace. */
function carried(body: unknown): string {
  const documents: unknown = Array.isArray(body)
    ? body
    : typeof body === 'object' && body !== null && 'documents' in body
      ? body.documents
      : [];
  if (!Array.isArray(documents) || documents.length === 0) return '  with nothing';
  return `  with ${(documents as { id: string; w?: string }[]).map(({ id, w }) => `${id} as ${w}`).join(', ')}`;
}

interface Flight {
  readonly server: SimServer;
  readonly lost: () => void;
}

export class Network {
  troubles: NetworkTroubles = CALM;
  readonly #kernel: Kernel;
  readonly #servers: readonly SimServer[];
  readonly #watch: Watch;
  readonly #flights = new Set<Flight>();

  constructor(kernel: Kernel, servers: readonly SimServer[], watch: Watch) {
    this.#kernel = kernel;
    this.#servers = servers;
    this.#watch = watch;
  }

  #someServer(): SimServer | undefined {
    const up = this.#servers.filter((server) => server.isUp);
    return up.length === 0 ? undefined : this.#kernel.dice.pick(up);
  }

  #options({ user, deviceId }: Sender, method: 'GET' | 'POST', url: string, body?: unknown): InjectOptions {
    const headers = { [USER_HEADER]: user.id, [DEVICE_HEADER]: deviceId };
    if (body === undefined) return { method, url, headers };
    return { method, url, headers: { ...headers, 'content-type': 'application/json' }, payload: JSON.stringify(body) };
  }

  /** The answer, or Unreachable when there will be none. */
  request(sender: Sender, method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
    const kernel = this.#kernel;
    const short = `${method === 'GET' ? '' : 'POST '}${path.split('?')[0] ?? ''}`;
    const { promise, resolve, reject } = deferred<Answer>();
    let open = true;
    const lose = (why: string): void => {
      if (!open) return;
      open = false;
      kernel.post(`${sender.owner.name} gets no answer to ${short} (${why})`, () => reject(new Unreachable(why)), { owner: sender.owner });
    };
    const deliver = (answering: boolean): void => {
      const server = this.#someServer();
      if (!server) return lose('no server is up');
      kernel.activity += 1;
      kernel.note(`  at ${server.name}`);
      const flight: Flight = { server, lost: () => answering && lose('the server died') };
      const since = kernel.steps;
      this.#flights.add(flight);
      void server.request(this.#options(sender, method, path, body)).then((answer) => {
        if (!this.#flights.delete(flight)) return;
        this.#watch(sender, path, answer.body, since);
        if (!answering) return;
        if (answer.status === 500) kernel.fail(new Error(`${server.name} answered 500 to ${short}: ${server.lastError?.stack ?? ''}`));
        kernel.activity += 1;
        const arrive = (): void => {
          if (!open) return;
          if (kernel.dice.chance(this.troubles.dropAnswer)) return lose('its answer was lost');
          open = false;
          kernel.remark(() => carried(answer.body));
          resolve(answer);
        };
        kernel.post(`answer ${answer.status} to ${short} reaches ${sender.owner.name}`, arrive, { owner: sender.owner });
      }, kernel.fail.bind(kernel));
    };
    const arrive = (): void => {
      if (kernel.dice.chance(this.troubles.dropRequest)) return lose('it was lost');
      if (method === 'POST' && kernel.dice.chance(this.troubles.duplicate))
        kernel.post(`a copy of ${sender.owner.name}'s ${short} arrives`, () => deliver(false), { server: true });
      deliver(true);
    };
    kernel.post(`${sender.owner.name}'s ${short} arrives`, arrive, { server: true });
    return promise;
  }

  /** Opens a live stream. `opened` comes before any frame, `ended` once and last. */
  follow(
    sender: Sender,
    path: string,
    on: {
      readonly opened: (heads: Heads | undefined) => void;
      readonly frame: (frame: StreamFrame) => void;
      readonly ended: () => void;
    },
  ): OpenStream {
    const kernel = this.#kernel;
    const { owner } = sender;
    const events: { readonly label: string; readonly run: () => void }[] = [];
    let stream: OpenStream | undefined;
    let over = false;
    let delivering = false;
    const end = (): void => {
      if (over) return;
      over = true;
      events.length = 0;
      stream?.close();
      kernel.post(`${owner.name}'s stream ends`, on.ended, { owner });
    };
    const deliver = (): void => {
      if (delivering || over || events.length === 0) return;
      delivering = true;
      kernel.post(
        events[0]?.label ?? '',
        () => {
          delivering = false;
          if (over) return;
          if (kernel.dice.chance(this.troubles.cutStream)) return end();
          events.shift()?.run();
          deliver();
        },
        { owner },
      );
    };
    const come = (label: string, run: () => void): void => {
      if (over) return;
      kernel.activity += 1;
      events.push({ label, run });
      deliver();
    };
    const arrive = async (): Promise<void> => {
      const server = this.#someServer();
      if (!server || kernel.dice.chance(this.troubles.dropRequest)) return end();
      // Its rights are read before it is opened; the process may die meanwhile.
      const flight: Flight = { server, lost: end };
      this.#flights.add(flight);
      const opening = await server.follow(this.#options(sender, 'GET', path), {
        opened: (heads) => come(`stream of ${owner.name} is open at ${server.name}`, () => on.opened(heads)),
        frame: (frame) => {
          this.#watch(sender, `/sync/${frame.collection}`, frame);
          come(`frame ${frame.collection}@${frame.checkpoint.lwt} reaches ${owner.name}`, () => {
            kernel.remark(() => carried(frame));
            on.frame(frame);
          });
        },
        ended: () => come(`the end of the stream reaches ${owner.name}`, end),
      });
      this.#flights.delete(flight);
      stream = opening.stream;
      if (over || opening.status !== 200) {
        stream.close();
        return end();
      }
    };
    kernel.post(`${owner.name} asks for its stream`, () => void arrive().catch(kernel.fail.bind(kernel)), { server: true });
    return {
      close: () => {
        over = true;
        stream?.close();
      },
    };
  }

  /** The process is gone: whoever waits for its answers learns that the connection broke. */
  died(server: SimServer): void {
    for (const flight of this.#flights) {
      if (flight.server !== server) continue;
      this.#flights.delete(flight);
      flight.lost();
    }
  }
}
