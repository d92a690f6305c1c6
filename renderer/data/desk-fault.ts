/** Why a desk does not open. */
export type DeskFaultCode =
  | 'no_storage'
  | 'newer_data'
  | 'migration_failed'
  | 'schema_changed'
  | 'open_failed'
  | 'storage_choice'
  | 'key_missing'
  | 'wrong_key'
  | 'unreadable';
/** The desk could not be opened; the message says what happened and the way out, for people. */
export class DeskFault extends Error {
  readonly code: DeskFaultCode;
  constructor(code: DeskFaultCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DeskFault';
    this.code = code;
  }
}
