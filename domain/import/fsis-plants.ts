/**
 * Plants from the FSIS directory of inspected establishments (MPI, "by establishment number"). Key: establishment_id, which
 * FSIS keeps for the life of a plant while numbers and names change. Columns and their dirt: broker facts 5.1 and 5.2.
 */
import { cleanDate, cleanDegrees, cleanDuns, cleanList, cleanPadded, cleanText, tidyText, type Clean } from './clean-cell.ts';
import { phoneTarget } from './entity-targets.ts';
import { finding, quote } from './finding.ts';
import { KEY, type Profile, type RowDraft, type Target } from './profile.ts';
import { cleanZip, crossCheckZip } from './zip.ts';

/**
 * R22: upper case first ("V104i" occurs). The parts, their search keys and the warning about an odd one come from the
 * location's own rules, which every write passes.
 */
const cleanEstablishment: Clean = (raw, column) => {
  const text = tidyText(raw).replace(/^EST\.?\s*(?=[A-Z0-9])/iu, '');
  if (text === '')
    return { findings: [finding('error', 'no_est', column, `${column} is empty; a plant without its number cannot be found again.`)] };
  const upper = text.toUpperCase();
  return {
    value: upper,
    findings: upper === text ? [] : [finding('repair', 'est_upper', column, `${column}: ${quote(text)} became ${quote(upper)}.`)],
  };
};

const sizes: Readonly<Record<string, string>> = { large: 'large', small: 'small', 'very small': 'very_small' };
const cleanSize: Clean = (raw, column) => {
  const cleaned = cleanText(raw, column);
  if (typeof cleaned.value !== 'string') return cleaned;
  const key = sizes[cleaned.value.toLowerCase()];
  if (key !== undefined) return { value: key, findings: cleaned.findings };
  return {
    findings: [
      finding(
        'warning',
        'unknown_choice',
        column,
        `${column}: ${quote(cleaned.value)} is none of Large, Small, Very Small; it was left out.`,
      ),
    ],
  };
};

const at = (path: string, label: string, headers: readonly string[], clean: Clean): Target => ({ path, label, headers, clean });

export const fsisPlants: Profile = {
  id: 'plants',
  label: 'Plants (USDA FSIS directory)',
  collection: 'locations',
  source: 'fsis',
  // Older editions of the file have no establishment_id; the number as registered is the next best name.
  naturalKey: 'establishment',
  marks: ['establishment_id', 'establishment_number', 'EstNumber', 'Grant Date', 'DBAs', 'duns_number'],
  constants: { kind: 'plant', country: 'US' },
  targets: [
    { path: KEY, label: 'Key in the source', headers: ['establishment_id'], clean: cleanText },
    at('establishment', 'EST number', ['establishment_number', 'EstNumber'], cleanEstablishment),
    at('name', 'Name', ['establishment_name', 'Company'], cleanText),
    at('dunsNumber', 'DUNS number', ['duns_number'], cleanDuns),
    at('street', 'Street', ['street', 'Address'], cleanText),
    at('city', 'City', ['city'], cleanText),
    at('state', 'State', ['state'], cleanText),
    at('postalCode', 'Zip code', ['zip', 'zip_code'], cleanZip),
    phoneTarget('phone', 'Phone', ['phone'], 'phoneExtension'),
    at('grantedOn', 'Inspection granted', ['grant_date'], cleanDate),
    at('activities', 'Activities', ['activities'], cleanList(/;/u)),
    at('dbas', 'Doing business as', ['dbas'], cleanList(/;/u)),
    at('fsisDistrict', 'FSIS district', ['district'], cleanPadded(2, /^\d{2}$/u)),
    at('fsisCircuit', 'FSIS circuit', ['circuit'], cleanPadded(4, /^\d{2}(\d{2}|[A-Z]{2})$/u)),
    at('size', 'Size', ['size'], cleanSize),
    at('latitude', 'Latitude', ['latitude'], cleanDegrees(90)),
    at('longitude', 'Longitude', ['longitude'], cleanDegrees(180)),
    at('county', 'County', ['county'], cleanText),
    at('fipsCode', 'County FIPS code', ['fips_code'], cleanPadded(5, /^\d{5}$/u)),
  ],
  finish: (draft: RowDraft, columnOf) => crossCheckZip(draft, columnOf),
};
