/** What each simulated person could see, and since when; and whether the messages of the servers kept to it (SYN-7). */
import { isDeepStrictEqual } from 'node:util';
import { hide, seenThrough } from '../../domain/access/field-limits.ts';
import { mayRead, type Rights } from '../../domain/access/rights.ts';
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import type { LostAnswer, WireDocument } from '../../domain/protocol/protocol.ts';
import type { Violation } from './evidence.ts';
import type { Kernel } from './kernel.ts';
import type { Sender } from './network.ts';
import type { Secrets } from './secrets.ts';
import { type SimUser, rightsOfUser } from './sim-users.ts';

/** So many steps may lie between the statement that read a change and the frame that carries it. */
const UNDER_WAY_STEPS = 60;

/** The documents of an answer or a frame, and those that an answer names as what a device should build on. */
function documentsIn(body: unknown): readonly WireDocument[] {
  if (Array.isArray(body)) return body as WireDocument[];
  if (typeof body !== 'object' || body === null) return [];
  if ('lost' in body) return (body as LostAnswer).lost.flatMap(({ base }) => (base ? [base] : []));
  return 'documents' in body && Array.isArray(body.documents) ? (body.documents as WireDocument[]) : [];
}

export class Watch {
  readonly leaks: Violation[] = [];
  readonly #kernel: Kernel;
  readonly #entities: ReadonlyMap<string, Entity>;
  readonly #secrets: Secrets;
  /** By user, the newest first: what they could reach, until which step. */
  readonly #rights = new Map<string, { until: number; readonly rights: Rights }[]>();

  constructor(kernel: Kernel, entities: readonly Entity[], secrets: Secrets) {
    this.#kernel = kernel;
    this.#entities = new Map(entities.map((entity) => [entity.collection, entity]));
    this.#secrets = secrets;
  }

  /** From now on this is what they may reach. */
  set(user: SimUser): void {
    const rights = this.#rights.get(user.id) ?? [];
    const [last] = rights;
    if (last) last.until = this.#kernel.steps;
    rights.unshift({ until: Infinity, rights: rightsOfUser(user) });
    this.#rights.set(user.id, rights);
  }
  /** Those that they had at that step or later. */
  #since(userId: string, step: number): Rights[] {
    return (this.#rights.get(userId) ?? []).filter(({ until }) => until >= step).map(({ rights }) => rights);
  }
  maySee(userId: string, collection: string, document: WireDocument): boolean {
    return this.#since(userId, Infinity).some((rights) => mayRead(rights, collection, document));
  }
  /** The document as they see it now. */
  shownTo(userId: string, entity: Entity, document: WireDocument): WireDocument {
    const [rights] = this.#since(userId, Infinity);
    return rights ? seenThrough(entity, rights.views(entity), document) : document;
  }
  /** Whether they did not see that field at some time, of some records at least; without a field: any. */
  hides(userId: string, collection?: string, path?: string): boolean {
    const entities = [...this.#entities.values()].filter((entity) => collection === undefined || entity.collection === collection);
    return this.#since(userId, 0).some((rights) =>
      entities.some((entity) =>
        rights.views(entity)?.some(({ without }) => (path === undefined ? without.length > 0 : without.includes(path))),
      ),
    );
  }

  /** Whether they never saw that field of any record. */
  #alwaysHid(userId: string, collection: string, path: string): boolean {
    const entity = this.#entities.get(collection);
    if (!entity) throw new Error(`there is no ${collection} in this history`);
    return this.#since(userId, 0).every((rights) => rights.views(entity)?.every(({ without }) => without.includes(path)) === true);
  }

  #shows(rights: Rights, collection: string, document: WireDocument): 'nothing' | 'too much' | 'well' {
    if (!mayRead(rights, collection, document)) return 'nothing';
    const entity = this.#entities.get(collection);
    const paths = entity ? rights.hidden(entity, document) : [];
    if (!entity || paths.length === 0) return 'well';
    const shown: Readonly<Record<string, unknown>> = hide(entity, document, paths);
    return Object.keys(document).every((key) => isDeepStrictEqual(shown[key], document[key])) ? 'well' : 'too much';
  }

  /** No body, and no field, is sent to somebody who could not see it at the time, or a moment ago: a message may be on its way inside the server. */
  message({ user, owner }: Sender, path: string, body: unknown, since = this.#kernel.steps - UNDER_WAY_STEPS): void {
    const collection = path.split('/')[2] ?? '';
    const say = (what: string): void => void this.leaks.push({ rule: 'SYN-7', what: `${owner.name} was sent ${what}` });
    for (const document of documentsIn(body)) {
      if (isWithdrawn(document) || String(document['w']).startsWith('refused-')) continue;
      const name = `${collection}/${document.id} (${String(document['w'])})`;
      const shown = this.#since(user.id, since).map((rights) => this.#shows(rights, collection, document));
      if (!shown.includes('well')) {
        say(shown.includes('too much') ? `fields of ${name} that its user may not see` : `${name}, which its user may not see`);
        continue;
      }
      if (collection === 'activities') {
        const word = this.#secrets.leakedBy(user.id, (...where) => this.#alwaysHid(user.id, ...where), document);
        if (word !== undefined) say(`${name} with ${word}, which its user may not see`);
      } else this.#secrets.tell(user.id, document);
    }
  }
}
