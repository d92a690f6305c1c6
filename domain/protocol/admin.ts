/** What administration asks and is told, over /admin and on the command line. Times in ISO 8601. */
import { type Static, Type } from 'typebox';

/** An account. `desks`: the first is the one that new records belong to. */
export interface UserLine {
  readonly id: string;
  readonly email: string;
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
