/** What administration says of people. Pure. */
import type { DeskLine, UserLine } from '../../domain/protocol/admin.ts';

/** The state of an account, and how loudly to show it. */
export function stateOf({ state, invitedUntil }: UserLine): { readonly text: string; readonly tone: 'good' | 'warn' | 'bad' | 'plain' } {
  if (state === 'disabled') return { text: 'Disabled', tone: 'bad' };
  if (state === 'active') return { text: 'Active', tone: 'plain' };
  return invitedUntil === null ? { text: 'Invitation expired', tone: 'warn' } : { text: 'Invited', tone: 'good' };
}
export const deskName = (desks: readonly DeskLine[], id: string): string => desks.find((desk) => desk.id === id)?.name ?? id;
export const deskNames = (desks: readonly DeskLine[], ids: readonly string[]): string => ids.map((id) => deskName(desks, id)).join(', ');

export interface Draft {
  readonly name: string;
  readonly role: string;
  readonly desks: readonly string[];
}
/** What saving would change and for whom, a sentence each; none when nothing changes. */
export function changesIn(
  before: Draft,
  after: Draft,
  words: { readonly role: (name: string) => string; readonly desk: (id: string) => string },
): string[] {
  const sentences: string[] = [];
  if (after.name !== before.name)
    sentences.push(`${before.name} is called ${after.name} from now on; entries of the past keep the old name.`);
  if (after.role !== before.role)
    sentences.push(
      `${after.name} has the role ${words.role(after.role)} instead of ${words.role(before.role)}. What the new role may not see leaves ${after.name}'s devices at once.`,
    );
  const [home, oldHome] = [after.desks[0] ?? '', before.desks[0] ?? ''];
  const come = after.desks.filter((id) => !before.desks.includes(id));
  const go = before.desks.filter((id) => !after.desks.includes(id));
  if (come.length > 0) sentences.push(`${after.name} comes to ${come.map(words.desk).join(', ')} and sees what that desk may see.`);
  if (go.length > 0) sentences.push(`${after.name} leaves ${go.map(words.desk).join(', ')}; its records leave the devices at once.`);
  if (home !== oldHome) sentences.push(`New records of ${after.name} belong to ${words.desk(home)}.`);
  return sentences;
}
/** A link as it can be handed on, where the server does not know its own address. */
export const wholeLink = (link: string, origin: string): string => (link.startsWith('/') ? `${origin}${link}` : link);
