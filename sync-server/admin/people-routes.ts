/** Everything about a person, and forgetting somebody, over the API: what `drover person` does (decision 0022). */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { ALL } from '../../domain/access/condition.ts';
import { firstBeyond } from '../../domain/access/rights.ts';
import { type ForgottenAnswer, PersonBody, PersonQuery } from '../../domain/protocol/admin.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Access } from '../access/access.ts';
import { type Forgettable, type Forgotten, exportPerson, forgetPerson, tryForgetting } from '../audit/people.ts';
import type { Authenticate, Caller } from '../auth/authenticate.ts';
import { requireProof } from '../auth/proof.ts';
import type { Person } from '../db/audit-forget.ts';
import { HttpError } from '../error-answer.ts';
import { type AdminDependencies, byOf, reasonIn } from './acting.ts';

interface PeopleDependencies extends AdminDependencies {
  readonly access: Pick<Access, 'now'>;
  readonly nouns: readonly Noun[];
  readonly nounOf: (collection: string) => Noun | undefined;
}

function personIn({ account, collection, id }: PersonQuery, nounOf: PeopleDependencies['nounOf']): Person {
  if (account !== undefined && collection === undefined && id === undefined) return { account };
  if (account !== undefined || collection === undefined || id === undefined)
    throw new HttpError(400, 'invalid_request', 'Name an account, or a record by "collection" and "id".', { field: 'account' });
  if (!nounOf(collection))
    throw new HttpError(404, 'unknown_collection', `There is no collection "${collection}".`, { field: 'collection' });
  return { collection, id };
}

const unknownPerson = (): HttpError => new HttpError(404, 'unknown_account', 'There is no such account.', { field: 'account' });

function counted(outcome: Forgotten | Forgettable): ForgottenAnswer {
  switch (outcome.kind) {
    case 'forgotten':
    case 'forgettable':
      return { entries: outcome.entries, events: outcome.events };
    case 'unknown':
      throw unknownPerson();
    case 'not_disabled':
      throw new HttpError(409, 'account_not_disabled', 'The account still lets somebody in. Disable it first.', { field: 'account' });
    case 'not_sealed':
      throw new HttpError(409, 'not_sealed_yet', `${outcome.entries} entries are not sealed yet. Try again in a few seconds.`, {
        headers: { 'retry-after': '5' },
      });
    case 'held': {
      const numbers = outcome.holds.join(', ');
      throw new HttpError(409, 'on_hold', `Legal hold ${numbers} keeps what is known of this person. It has to be lifted first.`, {
        more: { holds: outcome.holds },
      });
    }
    case 'not_personal':
      throw new HttpError(422, 'tells_of_nobody', 'Records of this kind tell of nobody.', { field: 'collection' });
    case 'busy':
      throw new HttpError(409, 'busy', 'Somebody else is being forgotten, or something purged, just now. Try again in a moment.', {
        headers: { 'retry-after': '5' },
      });
  }
}

export function peopleRoutes(app: FastifyInstance, dependencies: PeopleDependencies, authenticate: Authenticate): void {
  const { db, access, authorize, nouns, nounOf, now } = dependencies;
  const entities = nouns.map(({ entity }) => entity);

  app.post<{ Body: PersonBody }>(
    '/admin/people/export',
    { config: { access: 'people:export' }, schema: { body: PersonBody } },
    async (request, reply) => {
      const caller = await authenticate(request);
      const person = personIn(request.body, nounOf);
      const reason = reasonIn(request.body.reason, 'Say who asked for it: it stands in the audit.');
      // It holds what the audit says of every record that somebody touched, whichever fields the own role hides.
      if (firstBeyond((await access.now(caller.reach)).rights, [{ permission: '*:read', when: ALL }]))
        throw new HttpError(
          403,
          'beyond_your_rights',
          'This holds every field of every record that the person touched; your own role hides some.',
        );
      await requireProof(dependencies, caller);
      const lines = await exportPerson(db, person, { by: byOf(caller), at: now(), reason });
      if (!lines) throw unknownPerson();
      return reply
        .type('application/json; charset=utf-8')
        .header('content-disposition', 'attachment; filename="drover-person.json"')
        .header('cache-control', 'no-store')
        .send(Readable.from(lines));
    },
  );

  /** Whom the caller may forget: nobody forgets somebody with more rights, or is asked about the own account. */
  const judged = async (caller: Caller, asked: PersonQuery): Promise<Person> => {
    const person = personIn(asked, nounOf);
    if (!('account' in person)) return person;
    if (person.account === caller.user.id)
      throw new HttpError(409, 'own_account', 'Somebody else has to close your account, and forget you.', { field: 'account' });
    await authorize.requireOver(caller, person.account);
    return person;
  };
  app.get<{ Querystring: PersonQuery }>(
    '/admin/people/forget',
    { config: { access: 'people:anonymize' }, schema: { querystring: PersonQuery } },
    async (request, reply): Promise<ForgottenAnswer> => {
      const person = await judged(await authenticate(request), request.query);
      void reply.header('cache-control', 'no-store');
      return counted(await tryForgetting(db, entities, person));
    },
  );
  app.post<{ Body: PersonBody }>(
    '/admin/people/forget',
    { config: { access: 'people:anonymize' }, schema: { body: PersonBody } },
    async (request): Promise<ForgottenAnswer> => {
      const caller = await authenticate(request);
      const person = await judged(caller, request.body);
      const reason = reasonIn(request.body.reason, 'Say why, without a name: the reason stays in the audit.');
      await requireProof(dependencies, caller);
      return counted(await forgetPerson(db, entities, person, { by: byOf(caller), at: now(), reason }));
    },
  );
}
