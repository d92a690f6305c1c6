/**
 * The wire between window and sync server, in the shape of RxDB Server's replication endpoint so that a stock RxDB client
 * can talk to Drover. `lwt` is a feed position (a dense integer), not a clock; `id` says which history it counts in and
 * by which rights it was served (mark.ts).
 */
import { type Static, Type } from 'typebox';

export const Checkpoint = Type.Object({ lwt: Type.Integer({ minimum: 0 }), id: Type.String({ maxLength: 200 }) });
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

export const KnownBody = Type.Object({
  /** End of the history that the device and the server share. */
  until: Type.Integer({ minimum: 0 }),
  states: Type.Array(Type.Object({ id: Type.String({ minLength: 1, maxLength: 60 }), w: Type.String({ minLength: 1, maxLength: 60 }) }), {
    maxItems: 1000,
  }),
});
/** Which states a device holds; the answer names those that the server has never heard of. */
export type KnownBody = Static<typeof KnownBody>;
export interface LostAnswer {
  /** `base`: what the server held of the record at the end of the shared history; null for nothing. */
  readonly lost: readonly { readonly id: string; readonly base: WireDocument | null }[];
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

export const LoginBody = Type.Object({
  email: Type.String({ minLength: 3, maxLength: 254 }),
  password: Type.String({ minLength: 1, maxLength: 200 }),
});
export const RefreshBody = Type.Object({ refreshToken: Type.String({ minLength: 1, maxLength: 200 }) });
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
  readonly refreshToken: string;
  readonly user: SignedInUser;
}

/** Every answer that is not a success. `field` names the offending part of the request where there is one. */
export interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
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
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>>;
}

/** Header by which a device names itself; it goes into the audit entry. */
export const DEVICE_HEADER = 'x-drover-device';
/** Largest page of a pull and most rows of a push, both ends agree on them. */
export const PULL_LIMIT_MAX = 1000;
export const PUSH_ROWS_MAX = 500;
export const BODY_BYTES_MAX = 16 * 1024 * 1024;
