/** What the audit browser asks and is told, over /audit. Times in ISO 8601, by the server's clock unless told. */
import { type Static, Type } from 'typebox';

/** One entry: a change of a record, or an event that changes none. */
export interface AuditLine {
  readonly log: 'audit' | 'security_events';
  readonly seq: number;
  readonly at: string;
  /** The device's clock; null where it did not say. */
  readonly deviceAt: string | null;
  /** Account, or null where nobody is known. */
  readonly who: string | null;
  /** As it was then. */
  readonly whoName: string;
  readonly device: string;
  readonly address: string;
  readonly request: string;
  /** A command, such as `change`, or a kind of event, such as `signed_in`. */
  readonly what: string;
  /** Of a change; '' for an event. */
  readonly collection: string;
  readonly id: string;
  readonly reason: string;
  /** Of a change; null for a new record and for an event. */
  readonly before: Readonly<Record<string, unknown>> | null;
  /** The record afterwards, or the details of an event. */
  readonly after: Readonly<Record<string, unknown>>;
}
export interface AuditAnswer {
  /** Newest first. */
  readonly lines: readonly AuditLine[];
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
}
export interface SealAnswer {
  /** Newest block; null while nothing is sealed. */
  readonly block: number | null;
  readonly sealedAt: string | null;
  /** Why this server does not seal; null when all is well. */
  readonly broken: string | null;
}

const Word = Type.Optional(Type.String({ maxLength: 200 }));
const Day = Type.Optional(Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }));
/** All of it narrows; days are whole days in UTC, both included. */
export const AuditQuery = Type.Object(
  {
    /** Account, or a part of the name. */
    who: Word,
    device: Word,
    /** A collection; `security_events` for events alone. */
    collection: Word,
    /** Id of a record. */
    id: Word,
    /** A command or a kind of event. */
    what: Word,
    from: Day,
    to: Day,
    /** A part of what was written, of the reason or of the details. */
    text: Word,
    after: Type.Optional(Type.String({ pattern: '^\\d{1,16}\\.\\d{1,16}$' })),
  },
  { additionalProperties: false },
);
export type AuditQuery = Static<typeof AuditQuery>;
