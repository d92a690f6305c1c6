/** What a noun says of the files that its records name, so that the server and the device need not know the noun. */
import type { AnyDocument } from '../entity/entity.ts';
import type { OptionList } from '../access/option-lists.ts';
import type { Problem } from '../entity/problem.ts';

/** What a record says of the file it names. */
export interface NamedFile {
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Media type. */
  readonly mime: string;
  /** As people know it, with its ending. Never a path on any machine. */
  readonly name: string;
}
/** What was found at the beginning of a content, whatever its name says. */
export interface Sniffed {
  /** Media type by the marks in the content; undefined where there are none, as in plain text. */
  readonly mime: string | undefined;
  /** The first bytes, at most SNIFF_BYTES. */
  readonly head: Uint8Array;
}
/** Bytes from the beginning that both ends look at, so that they come to the same judgement. */
export const SNIFF_BYTES = 256 * 1024;

/** Named by codes that the server answers with. */
export type ContentProblem = Problem & { readonly code: 'file_type' | 'wrong_content' };

export interface FileRules {
  /** Largest file that is taken, in bytes. */
  readonly bytesMax: number;
  /** Those that the company may retire. */
  readonly kinds: OptionList;
  /** The field that holds the SHA-256. */
  readonly hashField: string;
  named(document: AnyDocument): NamedFile;
  /** Why a content that begins like this is not the file that the record names; undefined when it is. */
  contentProblem(file: Pick<NamedFile, 'name' | 'mime'>, found: Sniffed): ContentProblem | undefined;
}
