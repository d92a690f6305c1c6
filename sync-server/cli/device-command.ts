/** `drover session` and `drover device`: where people are signed in, in the database of DATABASE_URL. */
import type { Command } from 'commander';
import { endOneSession, signOutEverywhere } from '../admin/users.ts';
import { removeDevice } from '../auth/devices.ts';
import type { Database } from '../db/database.ts';
import { devicesOfAccount, liveSessions } from '../db/sessions.ts';
import { accountOf, byCommandLine, checkOutcome, dependenciesOn } from './acting.ts';
import { listing } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

export function addSessionCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const session = root.command('session').description('who is signed in, in the database of DATABASE_URL');
  const listed = session
    .command('list')
    .argument('[email]', 'of one account only')
    .description('id, e-mail address, device, how and when signed in, last seen, address');
  listing(listed, around, finish, async (db, email) => {
    const account = email === undefined ? undefined : await accountOf(db, email);
    return {
      columns: ['Session', 'E-mail address', 'Device', 'Signed in by', 'Signed in at', 'Last seen', 'Address'],
      rows: (await liveSessions(db, new Date().toISOString(), account?.id)).map((one) => [
        one.id,
        one.email,
        `${one.deviceName} (${one.device})`,
        one.method,
        one.createdAt,
        one.seenAt,
        one.address,
      ]),
    };
  });
  session
    .command('revoke')
    .argument('[id]', 'one session; or name an account with --user')
    .description('end a session, or all of an account, at once; what the devices hold stays there')
    .option('--user <email>', 'all sessions of this account')
    .action((id: string | undefined, { user }: { readonly user?: string }) =>
      run(async (db) => {
        if ((id === undefined) === (user === undefined))
          throw new CliFault('usage', 'Name one session by its id, or an account with --user.');
        if (user !== undefined) checkOutcome(await signOutEverywhere(dependenciesOn(db), user, byCommandLine), user);
        else if (!(await endOneSession(dependenciesOn(db), id ?? '', byCommandLine)))
          throw new CliFault('usage', `There is no session ${id ?? ''}, or it has ended. "drover session list" shows all.`);
      }),
    );
}

export function addDeviceCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const device = root.command('device').description('the devices of an account, in the database of DATABASE_URL');
  const listed = device
    .command('list')
    .argument('<email>', 'whose')
    .description('id, name, last seen, address, and whether it was revoked and has emptied itself');
  listing(listed, around, finish, async (db, email = '') => ({
    columns: ['Device', 'Name', 'Last seen', 'Address', 'State'],
    rows: (await devicesOfAccount(db, new Date().toISOString(), (await accountOf(db, email)).id)).map((one) => [
      one.device,
      one.name,
      one.lastSeen,
      one.address,
      one.wipedAt === null ? (one.revokedAt === null ? '' : 'revoked') : `emptied ${one.wipedAt}`,
    ]),
  }));
  device
    .command('revoke')
    .argument('<email>', 'whose')
    .argument('<device>', 'its id, as "drover device list" prints it')
    .description('sign a device out and have it remove everything it holds, also what it has not sent, when it is next online')
    .action((email: string, id: string) =>
      run(async (db) => {
        const { id: account } = await accountOf(db, email);
        if (!(await removeDevice(dependenciesOn(db), account, id, byCommandLine)))
          throw new CliFault('usage', `${email} has no device ${id}, or it was revoked before. "drover device list ${email}" shows all.`);
      }),
    );
}
