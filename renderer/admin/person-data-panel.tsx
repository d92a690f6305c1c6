/** What is kept about somebody with an account, and taking it out. */
import { FORGOTTEN_MAIL, type UserLine } from '../../domain/protocol/admin.ts';
import { useSessionState } from '../sync/session.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { PersonDeeds } from './person-deeds.tsx';

const isForgotten = ({ email }: UserLine): boolean => email.endsWith(FORGOTTEN_MAIL);
function forgettable(user: UserLine, own: boolean): string {
  if (own) return 'Somebody else has to forget you, once your account is disabled.';
  if (isForgotten(user)) return 'This person was forgotten; the account stays for the entries that belong to it.';
  switch (user.state) {
    case 'disabled':
      return 'The account is disabled, so its person can be forgotten.';
    case 'invited':
      return 'Who has not come yet is forgotten by withdrawing the invitation.';
    case 'active':
      return 'Disable the account before its person is forgotten.';
  }
}

export function PersonDataPanel({ user, onChanged }: { readonly user: UserLine; readonly onChanged: () => void }) {
  const rights = useOwnRights();
  const own = useSessionState().user?.id === user.id;
  if (!rights.may('people:export') && !rights.may('people:anonymize')) return null;
  return (
    <section className="panel admin-panel" aria-labelledby="personal-data">
      <h2 id="personal-data">Personal data</h2>
      <p className="quiet">{forgettable(user, own)}</p>
      <PersonDeeds
        person={{ account: user.id }}
        name={user.name}
        typed={{ label: 'the e-mail address', text: user.email }}
        mayForget={user.state === 'disabled' && !own && !isForgotten(user)}
        onForgotten={onChanged}
      />
    </section>
  );
}
