/** Who acts on the command line, and on whom. */
import { InvalidArgumentError } from 'commander';
import { rightsOf } from '../../domain/access/rights.ts';
import { seedRoles } from '../../domain/access/seeds.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { nouns } from '../../domain/registry.ts';
import { type Access, type AccountAccess, openAccess } from '../access/access.ts';
import { makeDesk } from '../admin/desks.ts';
import type { UserOutcome } from '../admin/users.ts';
import { type Account, accountByEmail } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';
import { CliFault } from './sync-client.ts';

/** Stands in the entries of what is done here: whoever has the password of the database. */
export const byCommandLine = { id: 'cli', name: 'command line', spoken: 'Whoever runs the server', device: 'cli', address: '' };

/** The servers are told by the database; this process has no requests to judge. */
const untold = { look: () => Promise.resolve() };
export const dependenciesOn = (db: Database) => ({ db, watch: untold, company: untold, now: () => new Date() });

/** The rights of accounts, as they are stored. */
export const accessOn = (db: Database): Access =>
  openAccess(
    db,
    nouns.map(({ entity }) => entity),
    (error) => {
      throw error;
    },
  );

/** By this it is judged what is done here. */
export const everyRight: AccountAccess = {
  reach: byCommandLine.id,
  version: 0,
  rights: rightsOf(seedRoles.find(({ name }) => name === 'admin')?.grants ?? [], { accountId: byCommandLine.id, desks: [] }),
  read: () => ({ key: 'all', scope: { is: 'all' } }),
  mayRead: () => true,
};

/** The noun whose records are the entries of inboxes. */
export function inboxNoun(): Noun {
  const inbox = nouns.find((noun) => noun.inboxDraft !== undefined);
  if (!inbox) throw new Error('no noun keeps the entries of inboxes');
  return inbox;
}

export const unknownAccount = (email: string): CliFault =>
  new CliFault('usage', `There is no account of ${email}. "drover user list" shows all.`);
export async function accountOf(db: Database, email: string): Promise<Account> {
  const account = await accountByEmail(db, email);
  if (!account) throw unknownAccount(email);
  return account;
}

export const closedDesk = (desk: string): CliFault =>
  new CliFault('usage', `The desk "${desk}" is closed. "drover desk open ${desk}" opens it.`);
/** Whoever sits here may name a desk that there is not yet. */
export async function knowDesks(db: Database, desks: readonly string[]): Promise<void> {
  for (const desk of desks) await makeDesk(dependenciesOn(db), desk, desk, byCommandLine);
}

/** Throws what is no success, in words. */
export function checkOutcome(outcome: UserOutcome, email: string, role = ''): void {
  switch (outcome.kind) {
    case 'done':
      return;
    case 'unknown_account':
      throw unknownAccount(email);
    case 'unknown_role':
      throw new CliFault('usage', `There is no role "${role}". Choose one of ${outcome.roles.join(', ')}.`);
    case 'no_open_desk':
      throw closedDesk(outcome.desk);
    case 'last_admin':
      throw new CliFault('usage', 'Nobody who may administer would be left. Make somebody else an administrator first.');
    case 'came_already':
      throw new CliFault('usage', `${email} has come already. "drover user disable ${email}" closes the account.`);
  }
}

export const several = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];
export const DESK = /^[\w:.-]{1,36}$/;
export function deskOf(text: string, earlier: readonly string[] = []): string[] {
  if (!DESK.test(text)) throw new InvalidArgumentError('A desk is named by up to 36 letters, digits and : . _ -, such as desk-main.');
  return [...earlier, text];
}
