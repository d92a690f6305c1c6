/** R23 for import rows: a zip that a spreadsheet cut is padded, then held against the state; nothing is guessed. */
import { repairZip } from '../location/location.rules.ts';
import { stateCode, statesOfZip } from '../location/zip-state.ts';
import { type Clean, tidyText } from './clean-cell.ts';
import { type Finding, finding, quote } from './finding.ts';
import type { RowDraft } from './profile.ts';

/** The zip as text, exactly as it stands; the repair needs the state of the same row. */
export const cleanZip: Clean = (raw) => {
  const text = tidyText(raw);
  return text === '' ? { findings: [] } : { value: text, findings: [] };
};

/**
 * Pads the zip of a draft where the padded one fits the state. Where it does not, one of the two is wrong in the source
 * (2 of 641 short zips of the FSIS file), and the row stays out: only the source can say which.
 */
export function crossCheckZip(draft: RowDraft, columnOf: (path: string) => string): Finding[] {
  const { postalCode, state, country } = draft;
  if (typeof postalCode !== 'string') return [];
  if (typeof country === 'string' && country !== '' && !/^(us|usa|united states.*)$/iu.test(country)) return [];
  const given = typeof state === 'string' ? state : '';
  const zip = repairZip(postalCode, given);
  if (!zip.repaired) return [];
  const column = columnOf('postalCode');
  const states = statesOfZip(zip.postalCode).join(' or ') || 'no state';
  if (zip.problem === 'zip_not_in_state') {
    const message = `${column}: ${quote(postalCode)} is too short, and with its leading zeros ${quote(zip.postalCode)} would be in ${states}, but ${columnOf('state')} says ${quote(given)}. Correct one of them and import the row again.`;
    return [finding('error', 'zip_not_in_state', column, message)];
  }
  if (stateCode(given) === undefined) {
    const message = `${column}: ${quote(postalCode)} is too short, and without a state of the United States it cannot be checked with its leading zeros. Write the zip with five digits and import the row again.`;
    return [finding('error', 'zip_unchecked', column, message)];
  }
  draft['postalCode'] = zip.postalCode;
  return [
    finding(
      'repair',
      'zip_padded',
      column,
      `${column}: ${quote(postalCode)} lost its leading zeros; it became ${quote(zip.postalCode)}, which is in ${states}.`,
    ),
  ];
}
