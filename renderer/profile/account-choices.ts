/** Which accounts can be chosen for a profile, in words. The device knows only its own user; others by the id they are given. Pure. */
import type { SignedInUser } from '../../domain/protocol/protocol.ts';

export interface AccountChoice {
  readonly value: string;
  readonly label: string;
}
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/**
 * `value`: the account now chosen; `name`: what the profile calls its person; `typed`: what is in the field. The own account
 * is offered while it has no profile.
 */
export function accountChoices(
  value: string,
  name: string,
  typed: string,
  own: SignedInUser | undefined,
  ownHasProfile: boolean,
): AccountChoice[] {
  const choices: AccountChoice[] = [];
  if (own && (!ownHasProfile || value === own.id)) choices.push({ value: own.id, label: `${own.name} (${own.email}), signed in here` });
  if (value !== '' && value !== own?.id)
    choices.push({ value, label: name === '' ? `Account ${value.slice(0, 8)}` : `Account of ${name}` });
  const asked = typed.trim();
  if (ID.test(asked) && !choices.some((choice) => choice.value === asked)) choices.push({ value: asked, label: `Account ${asked}` });
  return choices;
}
