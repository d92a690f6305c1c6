/** What the company has set, kept in memory by every server process: the database tells when it was changed, by whatever path. */
import { type Company, companyFrom, usualCompany } from '../../domain/access/company.ts';
import { watchChannel } from '../db/channel-watch.ts';
import type { Database } from '../db/database.ts';
import { COMPANY_CHANNEL, readCompany } from '../db/settings.ts';

export interface CompanyWatch {
  current(): Company;
  /** Calls back with each newer state, as long as the server runs. */
  onChange(listener: (company: Company) => void): void;
  /** Looks now: whoever changes it waits for this, so that it holds in this process before the answer is given. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export async function watchCompany(db: Database, onError: (error: Error) => void): Promise<CompanyWatch> {
  let company = usualCompany;
  const listeners: ((company: Company) => void)[] = [];
  const read = async (): Promise<void> => {
    const next = companyFrom(await readCompany(db));
    if (next.version === company.version) return;
    company = next;
    for (const listener of listeners) listener(company);
  };
  const { look, close } = await watchChannel(db, COMPANY_CHANNEL, read, onError);
  return { current: () => company, onChange: (listener) => void listeners.push(listener), look, close };
}
