/** Where the letters about another e-mail address lead: confirming the new one, or keeping the one of before. Needs no sign-in. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { LinkAnswer } from '../../domain/protocol/protocol.ts';
import { ask } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { Finished, LetterCard, NoLink, useLetterLink } from './letter-link.tsx';

const isAnswer = (value: unknown): value is object => typeof value === 'object' && value !== null;

const deeds = {
  email_change: {
    title: 'Confirm your e-mail address',
    text: (email: string) => `${email} becomes the address of your Drover account. You sign in with it, and letters go there.`,
    button: 'Use this address',
    path: '/auth/email/confirm',
    done: (email: string) => `Your address is ${email} from now on. Whoever is signed in stays so.`,
  },
  email_stop: {
    title: 'Keep your e-mail address',
    text: (email: string) => `Somebody wants the address of your Drover account to be ${email}. Stop it if that is not right.`,
    button: 'Keep the address of before',
    path: '/auth/email/stop',
    done: (email: string) =>
      `The address stays as it was, and ${email} cannot be confirmed any more. Choose a new password now if it was not you.`,
  },
} as const;
type Purpose = keyof typeof deeds;
const isOurs = (purpose: LinkAnswer['purpose']): purpose is Purpose => Object.hasOwn(deeds, purpose);

export function EmailAddressScreen() {
  const { token, link } = useLetterLink('E-mail address');
  if (link?.ok !== true || !isOurs(link.value.purpose))
    return (
      <LetterCard title="E-mail address">
        <NoLink link={link} />
      </LetterCard>
    );
  return <Deed purpose={link.value.purpose} email={link.value.email} token={token} />;
}

function Deed({ purpose, email, token }: { readonly purpose: Purpose; readonly email: string; readonly token: string }) {
  const session = useSession();
  const [answer, setAnswer] = useState<{ readonly done: boolean; readonly message: string }>();
  const [busy, setBusy] = useState(false);
  const { title, text, button, path, done } = deeds[purpose];
  const go = async (): Promise<void> => {
    setBusy(true);
    const asked = await ask(session, path, isAnswer, { token }, 'anybody').finally(() => setBusy(false));
    setAnswer(asked.ok ? { done: true, message: done(email) } : { done: false, message: asked.message });
  };
  return (
    <LetterCard title={title}>
      {answer?.done === true ? (
        <Finished>{answer.message}</Finished>
      ) : (
        <>
          <p>{text(email)}</p>
          {answer === undefined ? null : (
            <p className="field-error" role="alert">
              {answer.message}
            </p>
          )}
          <Button fullWidth size="sm" loading={busy} onClick={() => void go()}>
            {button}
          </Button>
        </>
      )}
    </LetterCard>
  );
}
