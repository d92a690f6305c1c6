/** How the desk shows a file. */
import type { ChangedLists } from '../../domain/access/option-lists.ts';
import { fileEndings } from '../../domain/attachment/attachment-type.rules.ts';

/** What a dialogue for files offers, as the attribute `accept` has it. `lists`: those that the company has changed. */
export const acceptedIn = (lists: ChangedLists): string =>
  fileEndings(lists)
    .map((ending) => `.${ending}`)
    .join(',');
/** How the desk opens a file: it shows pictures and plain text itself, a browser shows PDF in a tab, the rest is saved. */
export type Opening = 'picture' | 'text' | 'tab' | 'save';
const openings: Readonly<Record<string, Opening>> = {
  'image/jpeg': 'picture',
  'image/png': 'picture',
  'image/gif': 'picture',
  'image/webp': 'picture',
  'text/plain': 'text',
  'text/csv': 'text',
  'application/pdf': 'tab',
};
/** The desktop shell opens no windows, so what a browser shows in a tab is saved there. Nothing that could run is ever shown. */
export function openingOf(mime: string, inShell: boolean): Opening {
  const opening = Object.hasOwn(openings, mime) ? (openings[mime] ?? 'save') : 'save';
  return opening === 'tab' && inShell ? 'save' : opening;
}
