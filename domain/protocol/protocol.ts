/**
 * The wire between window and sync server, in the shape of RxDB Server's replication endpoint so that a stock RxDB client
 * can talk to Drover. `lwt` is a feed position (a dense integer), not a clock; `id` says which history it counts in and
 * by which rights it was served (mark.ts).
 */
import { type Static, Type } from 'typebox';
import type { Approvers, Grant } from '../access/rights.ts';
import type { ProblemCode } from './problem-codes.ts';

/** JSON calls 1e308 a whole number too; a position is one that both sides can count with. */
const Position = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const Checkpoint = Type.Object({ lwt: Position, id: Type.String({ maxLength: 200 }) });
export type Checkpoint = Static<typeof Checkpoint>;

export const WireDocument = Type.Object({ id: Type.String({ minLength: 1, maxLength: 36 }), _deleted: Type.Boolean() });
/** A document on the wire: the entity's fields and `_deleted`, without any RxDB bookkeeping. */
export type WireDocument = Static<typeof WireDocument> & Record<string, unknown>;

export const PushRow = Type.Object({
  newDocumentState: WireDocument,
  assumedMasterState: Type.Optional(Type.Union([WireDocument, Type.Null()])),
});
export interface PushRow {
  readonly newDocumentState: WireDocument;
  /** What the client believes the server holds; absent for a first insert. The base of the merge. */
  readonly assumedMasterState?: WireDocument | null;
}
export const PushBody = Type.Array(PushRow, { maxItems: 500 });

export interface PullAnswer {
  readonly documents: readonly WireDocument[];
  readonly checkpoint: Checkpoint;
}
/** One frame of `GET /sync/stream`; a frame of `pullStream` is the same without `collection`. */
export interface StreamFrame extends PullAnswer {
  readonly collection: string;
}

/** Name of the event on `/sync/stream` that tells of a change of what the company has set; `GET /me/company` answers it. */
export const COMPANY_EVENT = 'company';

export const KnownBody = Type.Object({
  /** End of the history that the device and the server share. */
  until: Position,
  states: Type.Array(Type.Object({ id: Type.String({ minLength: 1, maxLength: 60 }), w: Type.String({ minLength: 1, maxLength: 60 }) }), {
    maxItems: 1000,
  }),
});
/** Which states a device holds; the answer names those that the server has never heard of, and those that are to be let go of. */
export type KnownBody = Static<typeof KnownBody>;
export interface LostAnswer {
  /** `base`: what the server held of the record at the end of the shared history; null for nothing. */
  readonly lost: readonly { readonly id: string; readonly base: WireDocument | null }[];
  /** Records of which the server has heard that very state, and which the caller may not see, or not any more. */
  readonly hidden: readonly string[];
  /** Key of the scope by which that was judged: the device goes on holding what it reaches. */
  readonly scope: string;
}
/** Live records of one of 256 parts of a collection: how many, and the XOR of their hashes, hexadecimal. */
export interface BucketDigest {
  readonly bucket: number;
  readonly count: number;
  readonly hash: string;
}
export interface DigestAnswer {
  /** By collection; buckets that hold nothing are left out. */
  readonly digests: Readonly<Record<string, readonly BucketDigest[]>>;
}
export const ReadBody = Type.Object({ ids: Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { maxItems: 500 }) });
export type ReadBody = Static<typeof ReadBody>;

const SeriesKey = Type.String({ minLength: 1, maxLength: 60 });
/** At most this many numbers are leased at once. */
export const LEASE_MAX = 500;
export const LeaseBody = Type.Object({
  /** What the device has used of its blocks: `next` is the first number that it has not. */
  holding: Type.Array(Type.Object({ series: SeriesKey, first: Type.Integer({ minimum: 1 }), next: Type.Integer({ minimum: 1 }) }), {
    maxItems: 200,
  }),
  wanted: Type.Array(Type.Object({ series: SeriesKey, size: Type.Integer({ minimum: 1, maximum: LEASE_MAX }) }), { maxItems: 50 }),
});
export type LeaseBody = Static<typeof LeaseBody>;
/** A block of numbers that belongs to one device: `first` to `last`, used up to before `next`. */
export interface Lease {
  readonly series: string;
  readonly first: number;
  readonly last: number;
  readonly next: number;
  readonly prefix: string;
  readonly width: number;
}
/** Every block of the device that is not used up, also one whose first answer was lost. */
export interface LeaseAnswer {
  readonly leases: readonly Lease[];
}

/** Characters of a password after Unicode normalization (NFKC). */
export const PASSWORD_CHARS_MIN = 12;
export const PASSWORD_CHARS_MAX = 128;
/** On the wire a character may be several code units; whatever is longer is refused unread. */
const Password = Type.String({ minLength: 1, maxLength: 4 * PASSWORD_CHARS_MAX });
const DeviceName = Type.String({ minLength: 1, maxLength: 60 });

export const LoginBody = Type.Object({
  email: Type.String({ minLength: 3, maxLength: 254 }),
  password: Password,
  /** What the device calls itself to people, such as "Chrome on Windows". */
  deviceName: Type.Optional(DeviceName),
});
export type LoginBody = Static<typeof LoginBody>;
/**
 * `next` is the refresh token that the client will use next: 256 random bits of its own, kept before they are sent. The same
 * exchange may then be asked for again when its answer was lost, and a used token with another `next` is a stolen one.
 * Without `next` the server chooses, and the exchange works once.
 */
export const RefreshBody = Type.Object({
  refreshToken: Type.String({ minLength: 1, maxLength: 200 }),
  next: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })),
});
export type RefreshBody = Static<typeof RefreshBody>;
/** Signing out, and what a revoked device says when it has removed everything. */
export const GoneBody = Type.Object({ refreshToken: Type.String({ minLength: 1, maxLength: 200 }) });
export type GoneBody = Static<typeof GoneBody>;

export const PasswordBody = Type.Object({ current: Password, next: Password });
export type PasswordBody = Static<typeof PasswordBody>;

export const Email = Type.String({ minLength: 3, maxLength: 254, pattern: '^[^\\s@<>",;]+@[^\\s@<>",;]+$' });
const DeskName = Type.String({ pattern: '^[A-Za-z0-9_:.-]{1,36}$' });
export const InviteBody = Type.Object({
  email: Email,
  name: Type.String({ minLength: 1, maxLength: 120 }),
  role: Type.String({ minLength: 1, maxLength: 40 }),
  deskId: DeskName,
  /** Others beside that one. */
  desks: Type.Optional(Type.Array(DeskName, { maxItems: 50 })),
});
export type InviteBody = Static<typeof InviteBody>;
export interface InviteAnswer {
  readonly id: string;
  /** Where no letter was sent: to hand on. A path when the server does not know its own address. */
  readonly link?: string;
}
/** A link to choose a new password, made by an administrator for an account. */
export const ResetLinkBody = Type.Object({ account: Type.String({ minLength: 1, maxLength: 60 }) });
export type ResetLinkBody = Static<typeof ResetLinkBody>;
export interface ResetLinkAnswer {
  readonly link: string;
}
export const ResetRequestBody = Type.Object({ email: Type.String({ minLength: 3, maxLength: 254 }) });
export type ResetRequestBody = Static<typeof ResetRequestBody>;
const LinkToken = Type.String({ minLength: 1, maxLength: 200 });
export const LinkBody = Type.Object({ token: LinkToken });
export type LinkBody = Static<typeof LinkBody>;
/** Whom a link is for. `email`: the one that the account has, or is to have where that is what the link is about. */
export interface LinkAnswer {
  readonly purpose: 'invitation' | 'password_reset' | 'email_change' | 'email_stop';
  readonly email: string;
  readonly name: string;
}
export const ChooseBody = Type.Object({ token: LinkToken, password: Password });
export type ChooseBody = Static<typeof ChooseBody>;
/** Another e-mail address for the own account; it counts once the link that is sent there was used. */
export const EmailBody = Type.Object({ email: Email });
export type EmailBody = Static<typeof EmailBody>;
/** How people can sign in to this server. */
export interface SignInWays {
  /** Whether "Forgot your password?" leads anywhere: letters can be sent. */
  readonly reset: boolean;
  readonly passkeys: boolean;
  /** What the other system is called; null when there is none. */
  readonly oidc: string | null;
}
/** The window fetches the session that another system has let somebody into. `secret`: what it sent the SHA-256 of at the start. */
export const HandoverBody = Type.Object({
  ticket: Type.String({ minLength: 1, maxLength: 200 }),
  secret: Type.String({ minLength: 1, maxLength: 200 }),
  deviceName: Type.Optional(DeviceName),
});
export type HandoverBody = Static<typeof HandoverBody>;

const Code = Type.String({ minLength: 1, maxLength: 40 });
export const CodeBody = Type.Object({ code: Code });
export type CodeBody = Static<typeof CodeBody>;
/** The second step of a sign-in: the ticket of its first one, and a code of the authenticator app or a recovery code. */
export const SecondBody = Type.Object({
  ticket: Type.String({ minLength: 1, maxLength: 200 }),
  code: Code,
  deviceName: Type.Optional(DeviceName),
});
export type SecondBody = Static<typeof SecondBody>;
/** Of a sign-in that is not complete: what its last answer handed out. */
export const TicketBody = Type.Object({ ticket: Type.String({ minLength: 1, maxLength: 200 }), deviceName: Type.Optional(DeviceName) });
export type TicketBody = Static<typeof TicketBody>;
/** A second factor was set up during a sign-in; `ticket` opens the session. */
export interface SetUpAnswer extends RecoveryAnswer {
  readonly ticket: string;
}
export const ProveBody = Type.Object({ password: Type.Optional(Password), code: Type.Optional(Code) });
export type ProveBody = Static<typeof ProveBody>;
export const IdBody = Type.Object({ id: Type.String({ minLength: 1, maxLength: 400 }) });
export type IdBody = Static<typeof IdBody>;
/** What WebAuthn answers; judged by the server's library. */
const Credential = Type.Object({ id: Type.String({ minLength: 1, maxLength: 1400 }) });
export const PasskeyNameBody = Type.Object({ response: Credential, name: Type.String({ maxLength: 60 }) });
export type PasskeyNameBody = Static<typeof PasskeyNameBody>;
export const PasskeyBody = Type.Object({ response: Credential, deviceName: Type.Optional(DeviceName) });
export type PasskeyBody = Static<typeof PasskeyBody>;
/** A passkey that is made during a sign-in; named after the device. */
export const TicketPasskeyBody = Type.Object({ ticket: TicketBody.properties.ticket, ...PasskeyBody.properties });
export type TicketPasskeyBody = Static<typeof TicketPasskeyBody>;
/** For the authenticator app: the secret to type, and the address that a QR code shows. */
export interface TotpAnswer {
  readonly secret: string;
  readonly uri: string;
}
export interface RecoveryAnswer {
  readonly codes: readonly string[];
}
export interface SecurityAnswer {
  readonly email: string;
  /** The address that was asked for and has not been confirmed yet. */
  readonly newEmail: string | null;
  readonly hasPassword: boolean;
  readonly totp: boolean;
  /** How many recovery codes have not been used. */
  readonly recoveryCodes: number;
  readonly passkeys: readonly { readonly id: string; readonly name: string; readonly createdAt: string; readonly usedAt: string | null }[];
}

/** A device that somebody is or was signed in on. `sessions`: those that have not ended. */
export interface KnownDevice {
  readonly device: string;
  readonly name: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** Network address of its last sign-in or renewal. */
  readonly address: string;
  readonly sessions: number;
  readonly revokedAt: string | null;
  readonly wipedAt: string | null;
  /** The device that asks. */
  readonly current: boolean;
}
export interface DevicesAnswer {
  readonly devices: readonly KnownDevice[];
}
/** `account` is for people who may manage others; absent for one's own. */
export const DeviceBody = Type.Object({
  device: Type.String({ minLength: 1, maxLength: 64 }),
  account: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
});
export type DeviceBody = Static<typeof DeviceBody>;
export const DeviceNameBody = Type.Object({ device: Type.String({ minLength: 1, maxLength: 64 }), name: DeviceName });
export type DeviceNameBody = Static<typeof DeviceNameBody>;

/** What somebody may do, at one moment. */
export interface RightsSnapshot {
  /** Moves with every change of anybody's rights. */
  readonly version: number;
  readonly desks: readonly string[];
  readonly grants: readonly Grant[];
  /** Whom to ask for an approval. Not in a signed grant. */
  readonly approvers?: Approvers;
}
/** What the caller may do, as the server has it stored. */
export interface RightsAnswer extends RightsSnapshot {
  readonly role: string;
  readonly label: string;
}
export interface PermissionsAnswer {
  readonly permissions: readonly { readonly permission: string; readonly label: string }[];
}
export interface RoleLine {
  readonly name: string;
  readonly label: string;
  readonly grants: readonly Grant[];
  /** Changed by hand; a later version leaves it as it is. */
  readonly edited: boolean;
  /** Comes with Drover: it can be put back, not removed. */
  readonly seeded: boolean;
  /** To be handed back with a change. */
  readonly revision: number;
  /** Accounts that have it and are not disabled. */
  readonly accounts: number;
}
export interface RolesAnswer {
  readonly roles: readonly RoleLine[];
}
const RoleName = Type.String({ pattern: '^[a-z][a-z0-9_]{0,39}$' });
const Reason = Type.String({ maxLength: 500 });
export const RoleBody = Type.Object({
  name: RoleName,
  label: Type.String({ minLength: 1, maxLength: 60 }),
  /** Judged one by one, so that the answer can say what is wrong with which. */
  grants: Type.Array(Type.Unknown(), { maxItems: 500 }),
  /** Of the role that is changed; 0 for a new one. */
  revision: Position,
  reason: Type.Optional(Reason),
});
export type RoleBody = Static<typeof RoleBody>;
export const RoleNameBody = Type.Object({ name: RoleName, revision: Position, reason: Type.Optional(Reason) });
export type RoleNameBody = Static<typeof RoleNameBody>;

export interface SignedInUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** Name of a role; roles are data (domain/access/rights.ts). */
  readonly role: string;
  readonly deskId: string;
}
export interface LoginAnswer {
  readonly accessToken: string;
  /** The `next` of the request where there was one. */
  readonly refreshToken: string;
  readonly user: SignedInUser;
  readonly grant: GrantAnswer;
}
/** The server's signed word that this user may work on this device without it, until the day that stands in the token. */
export interface GrantAnswer {
  /** A JWT: who, on which device, with which role, desk and rights (`RightsSnapshot`), until when. */
  readonly token: string;
  /** The public key that it is checked with, as a JWK; a device takes it from its sign-in only. */
  readonly key: Readonly<Record<string, string>>;
  /** The server's clock. */
  readonly at: string;
}

/** Every answer that is not a success: a problem of RFC 9457. Some codes carry more, such as the permission that is missing. */
export interface ErrorAnswer {
  /** `urn:drover:problem:` and the code. */
  readonly type: string;
  /** The kind of problem in a few words. */
  readonly title: string;
  /** As in the status line, which proxies change. */
  readonly status: number;
  /** A sentence for people, with the way out. */
  readonly detail: string;
  /** `urn:uuid:` and the id by which the server's log calls this request. */
  readonly instance: string;
  /** For programs. */
  readonly code: ProblemCode;
  /** The offending part of the request, where there is one. */
  readonly field?: string;
}

export interface AuditEntry {
  readonly seq: number;
  readonly collection: string;
  readonly id: string;
  readonly kind: 'insert' | 'update' | 'delete' | 'restore';
  readonly command: string;
  readonly actor: string;
  readonly actorName: string;
  readonly device: string;
  readonly at: string;
  /** The device's clock when the change was made; null where it did not say. */
  readonly deviceAt: string | null;
  readonly reason: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>>;
}

/** Header by which a device names itself; it goes into the audit entry. */
export const DEVICE_HEADER = 'x-drover-device';
/** Header in which a device says its own time, as an ISO instant; it goes beside the server's into the audit. */
export const CLOCK_HEADER = 'x-drover-clock';
/** Largest page of a pull and most rows of a push, both ends agree on them. */
export const PULL_LIMIT_MAX = 1000;
export const PUSH_ROWS_MAX = 500;
export const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** How much of a file's content the server has. */
export interface UploadAnswer {
  /** Bytes from the beginning that need not be sent again. */
  readonly received: number;
  /** The server has all of it, and whoever may read the record gets it. */
  readonly complete: boolean;
}
/** Largest part of an upload. Devices send smaller ones where the line breaks often; a part counts whole or not at all. */
export const UPLOAD_PART_BYTES_MAX = 4 * 1024 * 1024;
export const FilesAskedBody = Type.Object({ ids: Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { maxItems: 500 }) });
/** Records whose contents a device holds; the answer names those that the server lacks. */
export type FilesAskedBody = Static<typeof FilesAskedBody>;
export interface FilesMissingAnswer {
  readonly missing: readonly string[];
}
