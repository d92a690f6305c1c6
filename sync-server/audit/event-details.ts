/**
 * What the details of each kind of event may hold, and which of it tells of people: nothing else is written. The seal hashes
 * apart what tells of people, so that somebody can be forgotten (decision 0035).
 */
import type { SecurityEventKind } from '../../domain/access/security-event.ts';

/** Of nobody, of the account that the event is about, of somebody else, or as somebody typed it while looking for a person. */
type Shape = 'plain' | 'whom' | 'person' | 'words' | { readonly [member: string]: Shape };

const plain = 'plain';
const whom = 'whom';
const by = 'person';
const account = {
  before: { name: whom, role: plain, desks: plain },
  after: { name: whom, role: plain, desks: plain },
  reason: plain,
  by,
} as const;
const factor = { name: whom, ended: plain } as const;
const role = { role: plain, before: plain, after: plain, reason: plain, by } as const;
const changed = { before: plain, after: plain, reason: plain, by } as const;
const refusal = { number: plain, collection: plain, record: plain, reason: plain, by } as const;
const hold = { hold: plain, collection: plain, record: plain, reason: plain, by } as const;
const key = { key: plain, name: whom, why: plain } as const;
const person = { account: plain, collection: plain, id: plain } as const;

export const eventDetails = {
  signed_in: { method: plain, session: plain },
  sign_in_failed: { method: plain, reason: plain },
  sign_in_blocked: {},
  signed_out: { session: plain },
  second_factor_failed: {},
  second_factor_removed: { ended: plain, reason: plain, by },
  second_factor_duty: { role: plain, ended: plain, ...changed },
  recovery_code_used: { left: plain },
  recovery_codes_renewed: factor,
  totp_enabled: factor,
  totp_disabled: factor,
  identity_linked: { issuer: plain },
  passkey_added: factor,
  passkey_removed: factor,
  refresh_reused: { session: plain, from: whom },
  invited: { role: plain, desks: plain, by },
  reset_requested: { by },
  email_change_requested: { email: whom, by },
  email_change_stopped: {},
  email_changed: { email: whom, formerEmail: whom },
  /** `by`: by what kind of link. */
  password_changed: { ...factor, by: plain },
  password_change_failed: {},
  device_renamed: { device: whom, name: whom },
  device_revoked: { device: whom, by },
  device_wiped: {},
  account_changed: account,
  account_disabled: account,
  account_enabled: account,
  invitation_withdrawn: { role: plain, desks: plain, by },
  signed_out_everywhere: { ended: plain, by },
  session_ended: { session: plain, device: whom, by },
  role_created: role,
  role_changed: role,
  role_removed: role,
  desk_created: { desk: plain, name: plain, by },
  desk_changed: { desk: plain, ...changed },
  refusal_closed: refusal,
  refusal_reopened: refusal,
  refusal_handed: { number: plain, collection: plain, record: plain, note: plain, to: 'person', by },
  hold_placed: hold,
  hold_lifted: hold,
  refusals_purged: { closedBefore: plain, purged: plain, held: plain, by },
  trash_purged: { purged: plain, by },
  bookkeeping_pruned: { settled: plain, accessChanges: plain, servedScopes: plain },
  key_created: { ...key, permissions: plain, expiresAt: plain, by },
  key_used: key,
  key_refused: key,
  key_revoked: { ...key, by },
  settings_changed: { setting: plain, ...changed },
  options_changed: { list: plain, changes: plain, order: plain, reason: plain, by },
  series_changed: { series: plain, ...changed },
  access_refused: { route: plain, code: plain, permission: plain },
  change_refused: { collection: plain, id: plain, code: plain, number: plain },
  exported: {
    what: plain,
    filter: { who: 'words', text: 'words', device: plain, collection: plain, id: plain, what: plain, from: plain, to: plain, after: plain },
  },
  imported: { importId: plain },
  import_undone: { importId: plain, removed: plain, putBack: plain, kept: plain, by },
  database_restored: { epoch: plain, after: plain, why: plain },
  purged: { log: plain, month: plain, from: plain, to: plain, by },
  person_exported: person,
  person_forgotten: { ...person, entries: plain, events: plain },
  seal_restarted: { noted: plain, from: plain },
  signing_keys_changed: { made: plain, removed: plain },
} as const satisfies Readonly<Record<SecurityEventKind, { readonly [member: string]: Shape }>>;

type Details = typeof eventDetails;

/** Somebody beside the account that the event is about. */
export interface Named {
  readonly id: string;
  readonly name: string;
}
type ValueOf<S> = S extends 'plain'
  ? unknown
  : S extends 'whom' | 'words'
    ? string | undefined
    : S extends 'person'
      ? Named
      : { readonly [Member in keyof S]?: ValueOf<S[Member]> };
/** Nothing beside what is declared, in the details and in what of them is declared member by member. */
type NothingElse<S, Given> = {
  readonly [Member in keyof Given]: Member extends keyof S
    ? S[Member] extends 'person'
      ? NothingElse<Record<keyof Named, 'plain'>, Given[Member]>
      : S[Member] extends string
        ? Given[Member]
        : NothingElse<S[Member], Given[Member]>
    : never;
};
/** Details of this kind: all members may be absent, and there are no others. */
export type DetailsOf<Kind extends SecurityEventKind, Given> = ValueOf<Details[Kind]> & NothingElse<Details[Kind], Given>;

/** From the details to a value in them. */
export type DetailPath = readonly string[];
/** Which details of events a block of the seal hashes apart. */
export interface Apart {
  /** Of the account that the event is about. */
  readonly about: readonly DetailPath[];
  /** Names of others, each beside the id of its account. */
  readonly people: readonly DetailPath[];
  /** Where somebody typed whom they look for. */
  readonly words: readonly DetailPath[];
}

export function pathsOf(shape: Shape, wanted: 'whom' | 'person' | 'words', at: DetailPath = []): DetailPath[] {
  if (shape === wanted) return [shape === 'person' ? [...at, 'name'] : at];
  if (typeof shape === 'string') return [];
  return Object.entries(shape).flatMap(([member, inner]) => pathsOf(inner, wanted, [...at, member]));
}
function everywhere(wanted: 'whom' | 'person' | 'words'): DetailPath[] {
  const paths = Object.values(eventDetails).flatMap((shape) => pathsOf(shape, wanted));
  return [...new Map(paths.map((path) => [path.join('.'), path])).values()].sort((a, b) => (a.join('.') < b.join('.') ? -1 : 1));
}
/** Of every kind together, because a block holds events of all kinds. */
export const APART: Apart = { about: everywhere('whom'), people: everywhere('person'), words: everywhere('words') };

/** What a block says was apart in it: blocks before decision 0035 name members of the details, all of them about the account. */
export function apartIn(personal: string): Apart {
  const said = JSON.parse(personal) as readonly string[] | Apart;
  return 'about' in said ? said : { about: said.map((member) => [member]), people: [], words: [] };
}
