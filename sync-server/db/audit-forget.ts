/** Taking a person out of the entries of the audit: values go, the hashes under which they were sealed stay. */
import type { AuditLog } from '../audit/block.ts';
import { APART, type Apart, type DetailPath, apartIn } from '../audit/event-details.ts';
import { type OpenPaths, detailsWithout, openPaths, rest, whoHash, whomHash } from './audit-blocks.ts';
import type { Runner } from './database.ts';

/** Entries of whom: those that an account made, and events about it or that name it; or those that tell of one record. */
export type Person = { readonly account: string } | { readonly collection: string; readonly id: string };

/** Which entries, of $1 (and $2), and what of them goes. */
const ofAccount: Record<AuditLog, string> = { audit: 'a.actor = $1', security_events: 'a.account_id = $1' };
const ofRecord = 'a.seq in (select x.seq from applied x where x.collection = $1 and x.id = $2)';

const forgetWho = (log: AuditLog, name: string): string =>
  `update ${log} a set who_hash = ${whoHash(name)}, who_salt = null, ${name} = '', device = '', address = ''
    where ${ofAccount[log]} and who_hash is null returning seq`;
const without = (state: string): string => `${state} = convert_from(${rest(state)}, 'UTF8'), ${state}_whom = 0`;
const forgettableWhom = 'a.whom_hash is null and (a.before_whom > 0 or a.after_whom > 0)';
const forgetWhom = `update audit a set whom_hash = ${whomHash}, whom_salt = null, ${without('before')}, ${without('after')}
  where ${ofRecord} and ${forgettableWhom} returning seq`;

/** Paths are of this program, never of a request. */
const literal = (path: DetailPath): string => `'{${path.join(',')}}'`;
/**
 * Events about others whose details name the account $1, by its id or, where somebody looked for a person, by what is a part
 * of one of its names or has one in it.
 */
function naming({ people, words }: Apart, names = '$2'): string {
  const ids = people.map((path) => `details #>> ${literal([...path.slice(0, -1), 'id'])} = $1`);
  const looked = words.map((path) => {
    const word = `lower(details #>> ${literal(path)})`;
    return `exists (select from unnest(${names}::text[]) n(name) where ${word} <> '' and (strpos(lower(name), ${word}) > 0 or strpos(${word}, lower(name)) > 0))`;
  });
  return `(${['false', ...ids, ...looked].join(' or ')})`;
}

/** By which names and addresses the account is and was known to the audit. */
export async function namesOf(runner: Runner, account: string): Promise<string[]> {
  const former = APART.about.filter((path) => ['name', 'email', 'formerEmail'].includes(path.at(-1) ?? ''));
  const events = former.map((path) => `select details #>> ${literal(path)} from security_events where account_id = $1`);
  const rows = await runner.rows<{ name: string }>({
    text: `select distinct name from (select name from accounts where id = $1 union select email from accounts where id = $1
      union select account_name from security_events where account_id = $1 union select actor_name from audit where actor = $1
      union ${events.join(' union ')}) n where length(name) > 2`,
    values: [account],
  });
  return rows.map(({ name }) => name);
}

/** Events about somebody else that name the account, oldest first. */
export async function eventsNaming(runner: Runner, account: string): Promise<Readonly<Record<string, unknown>>[]> {
  return runner.rows({
    text: `select seq, at, kind, account_name, reason, details from security_events
      where account_id is distinct from $1 and ${naming(APART)} order by seq`,
    values: [account, await namesOf(runner, account)],
  });
}

export interface EntryCount {
  readonly entries: number;
  readonly events: number;
}
/** Entries of this person, and events about it or that name it, of which this is true; `and` takes the name of the log and what of its entries is meant. */
async function countOf(runner: Runner, person: Person, and: (log: AuditLog, part: ForgetPart) => string): Promise<EntryCount> {
  const count = async (log: AuditLog, which: string, values: readonly unknown[]): Promise<number> => {
    const rows = await runner.rows<{ count: number }>({ text: `select count(*) as count from ${log} a where ${which}`, values });
    return rows[0]?.count ?? 0;
  };
  if (!('account' in person))
    return { entries: await count('audit', `${ofRecord} and ${and('audit', 'whom')}`, [person.collection, person.id]), events: 0 };
  const about = `(${ofAccount.security_events} and ${and('security_events', 'who')})`;
  const elsewhere = `(a.account_id is distinct from $1 and ${naming(APART)} and ${and('security_events', 'named')})`;
  return {
    entries: await count('audit', `${ofAccount.audit} and ${and('audit', 'who')}`, [person.account]),
    events: await count('security_events', `(${about} or ${elsewhere})`, [person.account, await namesOf(runner, person.account)]),
  };
}
type ForgetPart = 'who' | 'whom' | 'named';

/** Entries of this person that no block covers yet: they cannot be forgotten before they are sealed. */
export async function unsealedOf(runner: Runner, person: Person): Promise<number> {
  const open = (log: AuditLog): string => `a.seq > (select coalesce(max(to_seq), 0) from audit_blocks where log = '${log}')`;
  const { entries, events } = await countOf(runner, person, open);
  return entries + events;
}
/** Out of how many something would go. */
export const countEntries = (runner: Runner, person: Person): Promise<EntryCount> =>
  countOf(runner, person, (_, part) => (part === 'whom' ? forgettableWhom : `a.${part}_hash is null`));

/** What was apart in the blocks of events: the same in all of them but for those of earlier versions. */
async function apartInBlocks(runner: Runner): Promise<string[]> {
  const rows = await runner.rows<{ personal: string }>({
    text: `select distinct personal from audit_blocks where log = 'security_events'`,
  });
  return rows.map(({ personal }) => personal);
}

/** Takes the account out of the details of events; answers how many of those about others named it. */
async function forgetInDetails(runner: Runner, account: string): Promise<number> {
  const names = await namesOf(runner, account);
  let count = 0;
  for (const personal of await apartInBlocks(runner)) {
    const apart = apartIn(personal);
    const clear = async (part: 'whom' | 'named', paths: OpenPaths, which: string, more: readonly unknown[]): Promise<number> => {
      if (paths.at.length === 0) return 0;
      const rows = await runner.rows<{ about: string | null }>({
        text: `update security_events a set ${part}_hash = ${paths.hash}, ${part}_salt = null, details = ${detailsWithout(paths)}
          from audit_blocks b where ${which} and ${part}_hash is null
            and b.log = 'security_events' and b.personal = $2 and a.seq between b.from_seq and b.to_seq returning a.account_id as about`,
        values: [account, personal, ...more, ...paths.values],
      });
      return rows.filter(({ about }) => about !== account).length;
    };
    await clear('whom', openPaths(apart.about, 'whom_salt', 3), ofAccount.security_events, []);
    count += await clear('named', openPaths([...apart.people, ...apart.words], 'named_salt', 4), naming(apart, '$3'), [names]);
  }
  return count;
}

/**
 * Takes the personal values out of sealed entries; their hashes stay. Within a transaction: the right to change entries is
 * taken back at its end, and a superuser's trigger looks whether this is what happens. Of an event that names several others,
 * all their names go; their ids stay.
 */
export async function forgetEntries(runner: Runner, person: Person): Promise<EntryCount> {
  const change = async (text: string, values: readonly unknown[]): Promise<number> => (await runner.rows({ text, values })).length;
  await runner.rows({ text: `select set_config('drover.forget', 'yes', true)` });
  for (const log of ['audit', 'security_events']) await runner.rows({ text: `grant update on ${log} to current_user` });
  let [entries, events] = [0, 0];
  if ('account' in person) {
    // First what looks for the names.
    const elsewhere = await forgetInDetails(runner, person.account);
    entries = await change(forgetWho('audit', 'actor_name'), [person.account]);
    events = elsewhere + (await change(forgetWho('security_events', 'account_name'), [person.account]));
  } else entries = await change(forgetWhom, [person.collection, person.id]);
  for (const log of ['audit', 'security_events']) await runner.rows({ text: `revoke update on ${log} from current_user` });
  await runner.rows({ text: `select set_config('drover.forget', '', true)` });
  return { entries, events };
}
