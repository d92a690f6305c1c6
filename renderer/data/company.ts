/**
 * What the company has set, as this device was last told: kept in its own store, so that it holds without the server and after a
 * restart, and followed by every window. Before the first word of a server everything is as usual.
 */
import { liveQuery } from 'dexie';
import { type Company, companyFrom } from '../../domain/access/company.ts';
import { type LocalStore, loadSetting, saveSetting } from './local-store.ts';
import { type Live, makeCell } from './live-value.ts';

const COMPANY = 'company';

export async function openCompany(local: LocalStore): Promise<{ readonly company: Live<Company>; close(): void }> {
  const company = makeCell(companyFrom(await loadSetting(local, COMPANY)));
  const sub = liveQuery(() => loadSetting(local, COMPANY)).subscribe((kept) => {
    const told = companyFrom(kept);
    // Not "newer": after a restore of the server its word counts, whatever number it bears.
    if (told.version !== company.get().version) company.set(told);
  });
  return { company, close: () => sub.unsubscribe() };
}

/** Keeps what the server told. */
export const keepCompany = (local: LocalStore, told: Company): Promise<void> => saveSetting(local, COMPANY, told);
