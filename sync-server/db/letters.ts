/** Letters that wait to be sent, as they are sealed. */
import type { LettersHealth } from '../../domain/protocol/admin.ts';
import type { Runner } from './database.ts';

export interface WaitingLetter {
  readonly id: string;
  readonly sealed: string;
  readonly until: string;
  readonly tries: number;
}
export async function addLetter(
  runner: Runner,
  letter: Pick<WaitingLetter, 'id' | 'sealed' | 'until'> & { readonly accountId: string; readonly at: string },
): Promise<void> {
  await runner.rows({
    text: 'insert into letters (id, account_id, sealed, written_at, due_at, until) values ($1, $2, $3, $4, $4, $5)',
    values: [letter.id, letter.accountId, letter.sealed, letter.at, letter.until],
  });
}
/** The one that has waited longest, until the transaction ends for nobody else; undefined when none is due. */
export async function takeLetter(runner: Runner, now: string): Promise<WaitingLetter | undefined> {
  const rows = await runner.rows<WaitingLetter>({
    name: 'take-letter',
    text: `select id, sealed, until, tries from letters where lost_at is null and due_at <= $1
      order by due_at limit 1 for update skip locked`,
    values: [now],
  });
  return rows[0];
}
export async function removeLetter(runner: Runner, id: string): Promise<void> {
  await runner.rows({ text: 'delete from letters where id = $1', values: [id] });
}
export async function postponeLetter(runner: Runner, id: string, dueAt: string): Promise<void> {
  await runner.rows({ text: 'update letters set tries = tries + 1, due_at = $2 where id = $1', values: [id, dueAt] });
}
/** What was in it goes; what was lost before `forgetBefore` goes whole. */
export async function loseLetter(runner: Runner, id: string, now: string, forgetBefore: string): Promise<void> {
  await runner.rows({ text: `update letters set lost_at = $2, sealed = '' where id = $1`, values: [id, now] });
  await runner.rows({ text: 'delete from letters where lost_at < $1', values: [forgetBefore] });
}
export async function lettersHealth(runner: Runner, lostAfter: string): Promise<LettersHealth> {
  const rows = await runner.rows<LettersHealth>({
    text: `select count(*) filter (where lost_at is null) as waiting, min(written_at) filter (where lost_at is null and tries > 0) as "refusedSince",
      count(*) filter (where lost_at > $1) as lost, max(lost_at) filter (where lost_at > $1) as "lastLostAt" from letters`,
    values: [lostAfter],
  });
  return rows[0] ?? { waiting: 0, refusedSince: null, lost: 0, lastLostAt: null };
}
