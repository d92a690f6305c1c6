/** What the write path needs to know of a noun beside its shape. */
import { type Company, usualCompany } from '../access/company.ts';
import type { ApprovalPermission } from '../access/permissions.ts';
import type { AnyDocument, DocumentOf, Entity } from '../entity/entity.ts';
import type { Problem } from '../entity/problem.ts';
import { type Around, type Look, NOTHING_AROUND } from './around.ts';
import type { FileRules } from './file-rules.ts';
import type { InboxEntry } from './inbox.ts';
import type { mergeRecord } from './merge.ts';
import type { Series } from './series.ts';

/** An approval that a record needs as it would be written. */
export interface Need {
  readonly permission: ApprovalPermission;
  /** The change itself needs it. Else the record was let through without it before, and it is looked at whether it still needs it. */
  readonly isNew: boolean;
}
/**
 * An approval that depends on what others did meanwhile. A device says in `asOf` until when it knew everything; what it could not
 * know does not undo its work, but is flagged with the instant at which the server saw it.
 */
export interface Lenient {
  readonly permission: ApprovalPermission;
  readonly asOf: string;
  readonly flag: string;
}

export interface Noun {
  readonly entity: Entity;
  /**
   * Rules between fields; pure, the same on the device and on the server. `before` is absent for a new record; `company` is what
   * the company has set, as usual unless told.
   */
  readonly check?: (after: AnyDocument, before?: AnyDocument, company?: Company) => Problem[];
  /**
   * Fills computed fields (totals, search keys) from the others; runs before validation on both sides, so it must bear a
   * document of any shape and never throw.
   */
  readonly derive?: (document: AnyDocument) => AnyDocument;
  /** Merges two changes of one record, where the kinds of the fields do not say enough. Same laws as `mergeRecord`. */
  readonly merge?: typeof mergeRecord;
  /** Which approvals a change needs; its reason stands in the entity's `reason` field. Runs on documents whose shape was validated. */
  readonly approvals?: (after: AnyDocument, before?: AnyDocument, company?: Company, around?: Around) => readonly Need[];
  /** What has to be read before `approvals` can judge; nothing for most changes. Asked again with what was found. */
  readonly looks?: (after: AnyDocument, before: AnyDocument | undefined, around: Around) => readonly Look[];
  /** The approval, if any, that depends on what others did meanwhile. */
  readonly lenient?: Lenient;
  /** Of a record that belongs to a transaction: the ISO date of it, from which the law counts how long it is kept. [R28] */
  readonly transactionOn?: (document: AnyDocument) => string;
  /** The company's own numbers that records of this noun get. */
  readonly series?: readonly Series[];
  /** For the one noun whose records are the inbox: an entry as the draft of a record. */
  readonly inboxDraft?: (entry: InboxEntry) => Readonly<Record<string, unknown>>;
  /** For the one noun whose records name files: what a record says of its file, and which files are taken. */
  readonly files?: FileRules;
}

/**
 * Ties an entity to its rules. The one place where a document of any collection is taken for the entity's own: `check`
 * runs only after the shape was validated, and `derive` states by its type that it trusts nothing.
 */
export function defineNoun<E extends Entity>(
  entity: E,
  rules: {
    readonly check?: (after: DocumentOf<E>, before: DocumentOf<E> | undefined, company: Company) => Problem[];
    readonly approvals?: (after: DocumentOf<E>, before: DocumentOf<E> | undefined, company: Company, around: Around) => readonly Need[];
    readonly looks?: (after: DocumentOf<E>, before: DocumentOf<E> | undefined, around: Around) => readonly Look[];
  } & Pick<Noun, 'derive' | 'merge' | 'inboxDraft' | 'files' | 'series' | 'transactionOn' | 'lenient'> = {},
): Noun {
  const { check, approvals, looks, ...others } = rules;
  return {
    entity,
    ...others,
    ...(check === undefined
      ? {}
      : {
          check: (after: AnyDocument, before?: AnyDocument, company = usualCompany) =>
            check(after as DocumentOf<E>, before as DocumentOf<E> | undefined, company),
        }),
    ...(approvals === undefined
      ? {}
      : {
          approvals: (after: AnyDocument, before?: AnyDocument, company = usualCompany, around = NOTHING_AROUND) =>
            approvals(after as DocumentOf<E>, before as DocumentOf<E> | undefined, company, around),
        }),
    ...(looks === undefined
      ? {}
      : {
          looks: (after: AnyDocument, before: AnyDocument | undefined, around: Around) =>
            looks(after as DocumentOf<E>, before as DocumentOf<E> | undefined, around),
        }),
  };
}
