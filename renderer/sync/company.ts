/** Asks what the company has set, whenever this device comes into touch with the server and whenever the server says that it changed. */
import { companyFrom } from '../../domain/access/company.ts';
import { keepCompany } from '../data/company.ts';
import type { Desk } from '../data/desk.ts';
import { SyncFault } from './fault.ts';
import type { Background } from './gate.ts';
import type { Session } from './session.ts';
import { fetchCompany } from './wire.ts';

/** Answers the function that asks, by `run`; however often it is called meanwhile, it asks once more afterwards. */
export function companyAsker({ local }: Desk, session: Session, run: Background['run']): () => void {
  let asking = false;
  let again = false;
  const ask = async (): Promise<void> => {
    do {
      again = false;
      try {
        const told = companyFrom(await fetchCompany(session));
        if (local.isOpen()) await keepCompany(local, told);
      } catch (error) {
        // No reason to stop the sync: the device goes by what it was told before, and asks with its next connection.
        if (!(error instanceof SyncFault)) throw error;
      }
    } while (again);
  };
  return () => {
    again = asking;
    if (asking) return;
    asking = true;
    run(
      ask().finally(() => {
        asking = false;
      }),
    );
  };
}
