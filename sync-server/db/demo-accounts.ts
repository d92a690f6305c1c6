/** The accounts of the demo company. Made by the demo seed only; their password is printed in the README. */
import { createHash } from 'node:crypto';
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import { putAccount } from './accounts.ts';
import type { Runner } from './database.ts';

export const DEMO_PASSWORD = 'drover-demo-2026';
export const DEMO_DESK = 'desk-main';

/** Made from the address, so that the demo company's records can name their owners before any database exists. */
export function demoAccountId(email: string): string {
  const hex = createHash('sha256').update(`drover-demo:${email}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
type DemoUser = SignedInUser & { readonly role: 'admin' | 'broker' | 'field' | 'accounting' };
const demo = (local: string, name: string, role: DemoUser['role']): DemoUser => {
  const email = `${local}@drover.example`;
  return { id: demoAccountId(email), email, name, role, deskId: DEMO_DESK };
};
export const demoUsers: readonly DemoUser[] = [
  demo('admin', 'Avery Admin', 'admin'),
  demo('broker', 'Blair Broker', 'broker'),
  demo('field', 'Frankie Field', 'field'),
  demo('accounting', 'Alex Accounting', 'accounting'),
];

export const isDemoAccount = (id: string): boolean => demoUsers.some((user) => user.id === id);

/** Their password is public, so they must never exist where real work is done. */
export class DemoInProduction extends Error {
  readonly code = 'demo_in_production';
  constructor() {
    super('The demo accounts have a public password and are refused when NODE_ENV is "production".');
    this.name = 'DemoInProduction';
  }
}

/** `hash` is auth's hashPassword; handed in because the database knows nothing of how passwords are hashed. */
export async function createDemoAccounts(
  runner: Runner,
  hash: (password: string) => Promise<string>,
  nodeEnv: string | undefined,
): Promise<void> {
  if (nodeEnv === 'production') throw new DemoInProduction();
  for (const user of demoUsers) await putAccount(runner, { ...user, passwordHash: await hash(DEMO_PASSWORD) });
}
