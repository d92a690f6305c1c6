import path from 'node:path';

/** Where the key of the audit's seal lies: DROVER_AUDIT, else `audit` in DROVER_DATA. */
export const auditFolderFrom = (environment: Readonly<Record<string, string | undefined>>): string =>
  path.resolve(
    environment['DROVER_AUDIT'] || path.join(environment['DROVER_DATA'] || path.join(import.meta.dirname, '..', '..', '.drover'), 'audit'),
  );
