/** What administration asks and is told, over /admin and on the command line. Times in ISO 8601. */
import { type Static, Type } from 'typebox';
import { type ListBounds, OPTIONS_MAX, type StatedOption } from '../access/option-lists.ts';
import type { SettingRule } from '../access/company-settings.ts';
import { Email } from './protocol.ts';

/** An account. `desks`: the first is the one that new records belong to. */
export interface UserLine {
  readonly id: string;
  readonly email: string;
  /** Another address that was asked for and has not been confirmed yet. */
  readonly newEmail: string | null;
  readonly name: string;
  readonly role: string;
  readonly desks: readonly string[];
  /** `invited`: has never come. */
  readonly state: 'active' | 'invited' | 'disabled';
  readonly createdAt: string;
  /** While an invitation can be used. */
  readonly invitedUntil: string | null;
  readonly lastSeen: string | null;
  /** On how many devices somebody is signed in. */
  readonly devices: number;
  /** An authenticator app or a passkey. */
  readonly secondFactor: boolean;
}
export interface UsersAnswer {
  readonly users: readonly UserLine[];
}
export interface UserAnswer {
  readonly user: UserLine;
}

const AccountId = Type.String({ minLength: 1, maxLength: 60 });
const Reason = Type.Optional(Type.String({ maxLength: 500 }));
const DeskId = Type.String({ pattern: '^[A-Za-z0-9_:.-]{1,36}$' });
const Name = Type.String({ minLength: 1, maxLength: 120 });

export const AccountBody = Type.Object({ account: AccountId });
export type AccountBody = Static<typeof AccountBody>;
/** What is absent stays. `desks`: the first is the one that new records belong to. */
export const UserChangeBody = Type.Object({
  account: AccountId,
  name: Type.Optional(Name),
  role: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
  desks: Type.Optional(Type.Array(DeskId, { minItems: 1, maxItems: 50 })),
  reason: Reason,
});
export type UserChangeBody = Static<typeof UserChangeBody>;
export const DisableBody = Type.Object({ account: AccountId, disabled: Type.Boolean(), reason: Reason });
export type DisableBody = Static<typeof DisableBody>;

/** Why a lost second factor of somebody is removed is always said. */
export const FactorRemovalBody = Type.Object({ account: AccountId, reason: Type.String({ maxLength: 500 }) });
export type FactorRemovalBody = Static<typeof FactorRemovalBody>;
/** Whoever reads the letters of an address has the account in the end, so why it changes is always said. */
export const UserEmailBody = Type.Object({ account: AccountId, email: Email, reason: Type.String({ maxLength: 500 }) });
export type UserEmailBody = Static<typeof UserEmailBody>;
export interface UserEmailAnswer {
  /** Where no letters are sent: to hand on. A path when the server does not know its own address. */
  readonly link?: string;
}
/** From when on a role has to have a second factor. */
export interface FactorDutyLine {
  readonly role: string;
  readonly label: string;
  /** `YYYY-MM-DD`, UTC; null for no duty. */
  readonly from: string | null;
  readonly accounts: number;
  /** Those of them that have none yet. */
  readonly without: number;
}
export interface FactorDutiesAnswer {
  readonly duties: readonly FactorDutyLine[];
}
export const FactorDutyBody = Type.Object({
  role: Type.String({ minLength: 1, maxLength: 40 }),
  from: Type.Union([Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }), Type.Null()]),
  reason: Type.String({ maxLength: 500 }),
});
export type FactorDutyBody = Static<typeof FactorDutyBody>;

/** A session that lives. */
export interface SessionLine {
  readonly id: string;
  readonly accountId: string;
  readonly email: string;
  readonly device: string;
  readonly deviceName: string;
  readonly method: string;
  readonly createdAt: string;
  readonly seenAt: string;
  readonly address: string;
}
export interface SessionsAnswer {
  readonly sessions: readonly SessionLine[];
}

/** An API key as it can be shown: without its secret. */
export interface KeyLine {
  readonly id: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly email: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly lastUsedFrom: string | null;
  readonly revokedAt: string | null;
}
export interface KeysAnswer {
  readonly keys: readonly KeyLine[];
}
/** Longest life of an API key. */
export const KEY_DAYS_MAX = 366;
export const KeyBody = Type.Object({
  account: AccountId,
  name: Type.String({ minLength: 1, maxLength: 60 }),
  permissions: Type.Array(Type.String({ minLength: 3, maxLength: 120 }), { minItems: 1, maxItems: 200 }),
  days: Type.Integer({ minimum: 1, maximum: KEY_DAYS_MAX }),
});
export type KeyBody = Static<typeof KeyBody>;
export interface NewKeyAnswer {
  readonly id: string;
  /** Told this once. */
  readonly key: string;
  readonly expiresAt: string;
}

/** `home`: new records of this person belong to the desk. */
export interface DeskMember {
  readonly id: string;
  readonly name: string;
  readonly home: boolean;
}
export interface DeskLine {
  readonly id: string;
  readonly name: string;
  readonly closedAt: string | null;
  readonly members: readonly DeskMember[];
}
export interface DesksAnswer {
  readonly desks: readonly DeskLine[];
}
export const NewDeskBody = Type.Object({ id: DeskId, name: Name });
export type NewDeskBody = Static<typeof NewDeskBody>;
/** What is absent stays. */
export const DeskChangeBody = Type.Object({
  desk: DeskId,
  name: Type.Optional(Name),
  closed: Type.Optional(Type.Boolean()),
  reason: Reason,
});
export type DeskChangeBody = Static<typeof DeskChangeBody>;

/** A row of somebody that was refused. `number` names it for good. */
export interface RefusalLine {
  readonly number: number;
  readonly collection: string;
  readonly id: string;
  /** What the record is called; '' where the reader may not see it. */
  readonly title: string;
  readonly code: string;
  /** The first reason, in words. */
  readonly message: string;
  /** The author had deleted the record. */
  readonly deleted: boolean;
  readonly accountId: string;
  readonly accountName: string;
  readonly device: string;
  readonly at: string;
  /** Somebody has dealt with it. */
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly closedReason: string | null;
  /** To whom it was handed last, when and by whom. */
  readonly handedTo: string | null;
  readonly handedAt: string | null;
  readonly handedBy: string | null;
}
export interface RefusalsAnswer {
  readonly refusals: readonly RefusalLine[];
  /** There are older ones. */
  readonly more: boolean;
}
export interface RefusalAnswer {
  readonly refusal: RefusalLine;
  readonly problems: readonly { readonly field: string; readonly code: string; readonly message: string }[];
  /** What its author had written; null where the reader may not see it. */
  readonly doc: Readonly<Record<string, unknown>> | null;
}
export const RefusalBody = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  closed: Type.Boolean(),
  reason: Type.String({ maxLength: 500 }),
});
export type RefusalBody = Static<typeof RefusalBody>;
/** `to`: an account; its author's where it is absent. */
export const HandBackBody = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  to: Type.Optional(AccountId),
  note: Type.String({ maxLength: 500 }),
});
export type HandBackBody = Static<typeof HandBackBody>;

/** How far a number series has come. */
export interface SeriesLine {
  readonly key: string;
  readonly label: string;
  readonly prefix: string;
  /** Least digits behind the prefix. */
  readonly width: number;
  /** As it would be written. */
  readonly next: string;
  readonly given: number;
  /** Numbers that stay with records which were refused. */
  readonly refused: number;
  /** Numbers in the blocks of devices that are not used yet. */
  readonly open: number;
  readonly devices: number;
}
export interface SeriesAnswer {
  readonly series: readonly SeriesLine[];
}
/** How the numbers of a series are written from now on. */
export const SeriesBody = Type.Object({
  series: Type.String({ minLength: 1, maxLength: 60 }),
  prefix: Type.String({ minLength: 1, maxLength: 40 }),
  width: Type.Integer({ minimum: 0, maximum: 100 }),
  reason: Type.String({ maxLength: 500 }),
});
export type SeriesBody = Static<typeof SeriesBody>;

export interface DatabaseHealth {
  readonly version: string;
  readonly bytes: number;
  readonly connections: number;
  readonly connectionsMax: number;
  readonly startedAt: string;
  /** Of the feed. */
  readonly position: number;
  /** Rows that wait for the record they refer to. */
  readonly waiting: number;
  readonly waitingSince: string | null;
  /** Refused rows that nobody has closed. */
  readonly refusals: number;
  /** Sessions that live. */
  readonly sessions: number;
}
/** Where the anchors of the audit's seal go once a day. */
export interface AnchorsHealth {
  readonly place: 'folder' | 'mail';
  /** Null before the first. */
  readonly sentAt: string | null;
  /** Why the last one did not go; null when it did. */
  readonly problem: string | null;
}
/** Letters that wait to be sent, and those that the mail server did not take in time, within seven days. */
export interface LettersHealth {
  readonly waiting: number;
  /** When the oldest was written that the mail server refused and that is tried again; null for none. */
  readonly refusedSince: string | null;
  readonly lost: number;
  readonly lastLostAt: string | null;
}
export interface HealthAnswer {
  readonly at: string;
  readonly startedAt: string;
  readonly node: string;
  readonly database: DatabaseHealth;
  readonly feed: { readonly listening: boolean; readonly lagging: boolean; readonly fanned: number };
  /** How letters are sent; null when the server sends none. */
  readonly mail: 'smtp' | null;
  readonly letters: LettersHealth;
  /** Where people open the desk; '' when the server was not told. */
  readonly publicUrl: string;
  /** What the other system is called that people sign in through. */
  readonly oidc: string | null;
  /** Where contents of files lie; bytes free where that can be told. */
  readonly files: { readonly driver: string; readonly freeBytes: number | null } | null;
  /** Null when they stay on the server. */
  readonly anchors: AnchorsHealth | null;
}

/** A setting of the company: a whole number from `least` to `most`. */
export interface SettingLine {
  readonly key: string;
  readonly label: string;
  readonly help: string;
  /** `hundredths`: of a percent. */
  readonly unit: SettingRule['unit'];
  readonly least: number;
  readonly most: number;
  readonly usual: number;
  readonly value: number;
  readonly changedAt: string | null;
  readonly changedBy: string | null;
}
export interface SettingsAnswer {
  readonly settings: readonly SettingLine[];
}
export const SettingBody = Type.Object({
  key: Type.String({ minLength: 1, maxLength: 40 }),
  value: Type.Integer(),
  reason: Type.String({ maxLength: 500 }),
});
export type SettingBody = Static<typeof SettingBody>;

/** A list of words that the company chooses from, in their order. */
export interface OptionListLine extends ListBounds {
  readonly key: string;
  readonly label: string;
  /** Where people meet it: "Product: Package type". */
  readonly fields: readonly string[];
  readonly options: readonly StatedOption[];
  /** To be handed back with a change. */
  readonly revision: number;
  readonly changedAt: string | null;
  readonly changedBy: string | null;
}
export interface OptionListsAnswer {
  readonly lists: readonly OptionListLine[];
}
/** The whole list as it is to be: every option that is in it stays in it. */
export const OptionListBody = Type.Object({
  list: Type.String({ minLength: 1, maxLength: 60 }),
  revision: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  options: Type.Array(
    Type.Object({
      key: Type.String({ minLength: 1, maxLength: 60 }),
      label: Type.String({ minLength: 1, maxLength: 200 }),
      retired: Type.Boolean(),
      /** Absent: as it is; null: none. */
      due: Type.Optional(Type.Union([Type.Null(), Type.Object({ days: Type.Integer(), businessDay: Type.Optional(Type.Literal(true)) })])),
    }),
    { minItems: 1, maxItems: OPTIONS_MAX + 1 },
  ),
  reason: Type.String({ maxLength: 500 }),
});
export type OptionListBody = Static<typeof OptionListBody>;

/** A record that nothing may be purged of, and nothing that names it. */
export interface HoldLine {
  readonly number: number;
  readonly collection: string;
  readonly id: string;
  readonly reason: string;
  readonly placedAt: string;
  readonly placedBy: string;
  readonly liftedAt: string | null;
  readonly liftedBy: string | null;
  readonly liftedReason: string | null;
}
export interface HoldsAnswer {
  readonly holds: readonly HoldLine[];
  /** Refused changes that a purge would remove now, and those that holds keep from it. */
  readonly due: number;
  readonly held: number;
}
export const HoldBody = Type.Object({
  collection: Type.String({ minLength: 1, maxLength: 60 }),
  id: Type.String({ pattern: '^[\\w:.-]{1,60}$' }),
  reason: Type.String({ maxLength: 500 }),
});
export type HoldBody = Static<typeof HoldBody>;
export const LiftBody = Type.Object({ number: Type.Integer({ minimum: 1 }), reason: Type.String({ maxLength: 500 }) });
export type LiftBody = Static<typeof LiftBody>;
export interface PurgeAnswer {
  readonly purged: number;
  readonly held: number;
}

/** Deleted records: what a purge would remove now, and how many legal holds and other records keep beyond their time. */
export interface TrashCount {
  /** How long they stay, at least. */
  readonly days: number;
  readonly due: number;
  readonly held: number;
  readonly used: number;
}
export const PurgeTrashBody = Type.Object({ reason: Type.String({ maxLength: 500 }) });
export type PurgeTrashBody = Static<typeof PurgeTrashBody>;
export interface TrashPurgedAnswer {
  /** By collection. */
  readonly purged: Readonly<Record<string, number>>;
}

/** A month of the audit, or of its security events, whose time is over. */
export interface AuditMonthLine {
  readonly log: 'audit' | 'security_events';
  /** Its first day. */
  readonly month: string;
  /** First and last entry. */
  readonly from: number;
  readonly to: number;
  /** Numbers of the legal holds for which it stays, and every month after it. */
  readonly holds: readonly number[];
}
export interface AuditMonthsAnswer {
  /** How long entries are kept, at least. */
  readonly years: number;
  readonly months: readonly AuditMonthLine[];
}
export const PurgeAuditBody = Type.Object({ reason: Type.String({ maxLength: 500 }) });
export type PurgeAuditBody = Static<typeof PurgeAuditBody>;
export interface AuditPurgedAnswer {
  /** How many months went. */
  readonly gone: number;
  /** How many legal holds keep. */
  readonly held: number;
  /** How many are still to go, for another request. */
  readonly left: number;
  /** Somebody reads the audit, so that the rest has to wait. */
  readonly busy: boolean;
}

/** Somebody of whom a record tells, or an account: one of the two. */
const personMembers = {
  account: Type.Optional(AccountId),
  collection: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
  id: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
};
export const PersonBody = Type.Object({ ...personMembers, reason: Type.String({ maxLength: 500 }) });
export type PersonBody = Static<typeof PersonBody>;
export const PersonQuery = Type.Object(personMembers);
export type PersonQuery = Static<typeof PersonQuery>;
/** How the address ends of an account whose person was forgotten. */
export const FORGOTTEN_MAIL = '@forgotten.invalid';
/** Out of how many changes and events of the audit the person is, or would be, taken. */
export interface ForgottenAnswer {
  readonly entries: number;
  readonly events: number;
}

/** An import that has come. `records`: what it wrote last and nobody has imported anew. */
export interface ImportLine {
  readonly id: string;
  readonly at: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly device: string;
  readonly records: readonly { readonly collection: string; readonly live: number; readonly deleted: number }[];
}
export interface ImportsAnswer {
  readonly imports: readonly ImportLine[];
}
/** What taking an import back would do, or did. */
export interface ImportUndoAnswer {
  readonly import: Pick<ImportLine, 'id' | 'at' | 'accountId' | 'accountName' | 'device'>;
  /** Records that the import made and that go to the trash. */
  readonly removed: number;
  /** Records that get back what they held before. */
  readonly putBack: number;
  /** How many stay as they are, and the first of them with the reason. */
  readonly keptCount: number;
  readonly kept: readonly { readonly collection: string; readonly id: string; readonly title: string; readonly reason: string }[];
}
const ImportId = Type.String({ minLength: 1, maxLength: 36 });
export const ImportUndoBody = Type.Object({ id: ImportId, reason: Type.String({ maxLength: 500 }) });
export type ImportUndoBody = Static<typeof ImportUndoBody>;
