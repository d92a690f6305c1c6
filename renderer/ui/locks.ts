/** Which fields of the form around are closed to whoever fills it in, and why. */
import { createContext, use } from 'react';
import { pathOfFields } from '../../domain/access/field-limits.ts';
import { type Locks, OPEN } from '../../domain/access/locks.ts';

export const LocksContext = createContext<Locks>(OPEN);

export interface FieldLock {
  readonly reason: string;
  readonly hidden: boolean;
}
/** `path` as a control has it: `lines.0.price`. */
export function useFieldLock(path: string): FieldLock | undefined {
  const locks = use(LocksContext);
  const place = pathOfFields(path);
  const reason = locks.reason(place);
  return reason === undefined ? undefined : { reason, hidden: locks.isHidden(place) };
}
