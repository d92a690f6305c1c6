/** Rules of places: EST numbers (R22), ZIP codes against states (R23), doubles (R30). Source: broker rules, section 4. */
import type { AnyDocument } from '../entity/entity.ts';
import { type Problem, hard, soft } from '../entity/problem.ts';
import { defineNoun } from '../record/noun.ts';
import { location } from './location.entity.ts';
import type { Location } from './location.entity.ts';
import { stateCode, statesOfZip } from './zip-state.ts';

/** One EST component: kind of inspection, number, up to two letters. Fits all but 1 of 13,181 real ones. */
const COMPONENT = /^[MPVGI]\d+[A-Z]{0,2}$/;
const tight = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '');

export interface Establishment {
  /** Upper-cased, in the order written, without doubles. */
  readonly components: readonly string[];
  /** Components that do not look like one; kept all the same. */
  readonly odd: readonly string[];
}

/** "m86k + P86K" -> M86K and P86K. [R22] */
export function splitEstablishment(text: string): Establishment {
  const components = [
    ...new Set(
      text
        .split(/[+,;]/)
        .map(tight)
        .filter((part) => part !== ''),
    ),
  ];
  return { components, odd: components.filter((part) => !COMPONENT.test(part)) };
}

/** Everything a person may type for these components, apart by blanks: "M86K 86K P86K". [R22] */
export function establishmentKeys(components: readonly string[]): string {
  return [...new Set(components.flatMap((part) => (COMPONENT.test(part) ? [part, part.slice(1)] : [part])))].join(' ');
}

/** What was typed into a search box, as a key: "EST. 86K", "est 86k" and "M-86K" become 86K, 86K and M86K. [R22] */
export const establishmentQuery = (typed: string): string =>
  tight(typed.trim().replace(/^est(ablishment)?\b\.?\s*(no\b\.?|number\b|#)?\s*/i, ''));

/** Whether a location carries the EST number that was typed, in any of its spellings. [R22] */
export function hasEstablishment(place: Pick<Location, 'establishmentKeys'>, typed: string): boolean {
  const wanted = establishmentQuery(typed);
  return wanted !== '' && (place.establishmentKeys ?? '').split(' ').includes(wanted);
}

export interface ZipResult {
  /** Five digits or ZIP+4; the text as given where it is none. */
  readonly postalCode: string;
  /** Leading zeros were put back that a spreadsheet had dropped. */
  readonly repaired: boolean;
  /** The ZIP cannot be in that state, or is no ZIP. Never guessed further. */
  readonly problem?: 'not_a_zip' | 'zip_not_in_state';
}

/** Pads a ZIP of 3 or 4 digits, keeps ZIP+4, and checks its first three digits against the state. [R23] */
export function repairZip(text: string, state: string): ZipResult {
  const given = text.trim();
  const match = /^(\d{3,5})(?:-?(\d{4}))?$/.exec(given) ?? [];
  const [, digits, plusFour] = match;
  // Nine digits run together are five and four; the pattern above would take 5 + 4 too, but never 3 or 4 + 4 without a dash.
  const broken = digits === undefined || (digits.length < 5 && plusFour !== undefined && !given.includes('-'));
  if (broken) return { postalCode: given, repaired: false, problem: 'not_a_zip' };
  const five = digits.padStart(5, '0');
  const result = { postalCode: plusFour === undefined ? five : `${five}-${plusFour}`, repaired: digits.length < 5 };
  const code = stateCode(state);
  if (code === undefined) return result;
  return statesOfZip(five).includes(code) ? result : { ...result, problem: 'zip_not_in_state' };
}

/** Same street and city, whatever the spelling of case, blanks and signs: a hint, never a refusal. [R30] */
export const addressKey = (place: { readonly street?: string; readonly city?: string; readonly state?: string }): string => {
  const street = tight(place.street ?? '');
  const city = tight(place.city ?? '');
  return street === '' || city === '' ? '' : `${street}|${city}|${stateCode(place.state ?? '') ?? tight(place.state ?? '')}`;
};

/** Other locations at the same address. [R30] */
export function sameAddress<P extends { readonly id: string; readonly street?: string; readonly city?: string; readonly state?: string }>(
  place: P,
  others: readonly P[],
): P[] {
  const key = addressKey(place);
  return key === '' ? [] : others.filter((other) => other.id !== place.id && addressKey(other) === key);
}

function deriveLocation(document: AnyDocument): AnyDocument {
  const { establishments: _, establishmentKeys: __, ...rest } = document;
  const registered = rest['establishment'];
  if (typeof registered !== 'string' || registered.trim() === '') return rest;
  const { components } = splitEstablishment(registered);
  return components.length === 0 ? rest : { ...rest, establishments: components, establishmentKeys: establishmentKeys(components) };
}

function checkPlace(place: Location): Problem[] {
  const problems: Problem[] = [];
  if (place.postalCode !== undefined && isUnitedStates(place.country)) {
    const zip = repairZip(place.postalCode, place.state ?? '');
    if (zip.problem === 'not_a_zip')
      problems.push(soft('postalCode', 'not_a_zip', `"${place.postalCode}" is not a ZIP code; five digits, or nine as 67801-1234.`, 'R23'));
    if (zip.problem === 'zip_not_in_state') {
      problems.push(soft('postalCode', 'zip_not_in_state', `ZIP ${zip.postalCode} is not in ${place.state}; check both.`, 'R23'));
    }
    if (zip.repaired)
      problems.push(soft('postalCode', 'short_zip', `ZIP ${place.postalCode} has lost its leading zero; write ${zip.postalCode}.`, 'R23'));
  }
  return problems;
}
const isUnitedStates = (country: string | undefined): boolean =>
  country === undefined || /^(us|usa|u\.s\.a?\.?|united states.*)$/i.test(country);

export function checkLocation(after: Location): Problem[] {
  const problems = checkPlace(after);
  const { odd } = splitEstablishment(after.establishment);
  if (odd.length > 0) {
    problems.push(
      soft('establishment', 'odd_establishment', `${odd.join(', ')} does not look like an EST number such as M86K; check it.`, 'R22'),
    );
  }
  if (after.kind === 'plant' && after.establishment === '') {
    problems.push(soft('establishment', 'no_establishment', 'The plant has no EST number, so it cannot be found by one.', 'R22'));
  }
  if (after.kind === 'supplier_location' && after.partyId === '') {
    problems.push(soft('partyId', 'no_party', 'The location belongs to no supplier yet; choose one.', 'D5'));
  }
  if (after.secondPartyId !== undefined && after.secondPartyId === after.partyId) {
    problems.push(hard('secondPartyId', 'same_party', 'The second supplier is the first one; choose another or leave it empty.', 'D6'));
  }
  if ((after.latitude === undefined) !== (after.longitude === undefined)) {
    problems.push(soft('latitude', 'half_position', 'A position needs latitude and longitude.', 'D6'));
  }
  return problems;
}

export const locationNoun = defineNoun(location, { check: checkLocation, derive: deriveLocation });
