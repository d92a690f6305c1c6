/** Asks for the password or a code before what is dangerous, when the server wants it, and then does what was wanted. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type ReactNode, useCallback, useState } from 'react';
import { type Asked, ask, isDone } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { Dialog } from './dialog.tsx';

interface Question {
  readonly way: 'password' | 'code';
  readonly answer: (proved: boolean) => void;
}
/** Does what the server may want a proof for, and does it again when the proof was given. */
export type Proved = <T>(attempt: () => Promise<Asked<T>>) => Promise<Asked<T>>;
export type AskProved = <T>(path: string, isAnswer: (value: unknown) => value is T, body: unknown) => Promise<Asked<T>>;

const wayIn = (asked: Asked<unknown>): Question['way'] | undefined => {
  if (asked.ok || asked.code !== 'proof_required') return undefined;
  const way = asked.said['way'];
  return way === 'password' || way === 'code' ? way : undefined;
};

/** `dialog` has to stand somewhere on the screen. A proof that is cancelled answers code `cancelled`. */
export function useProof(): { readonly askProved: AskProved; readonly proved: Proved; readonly dialog: ReactNode } {
  const session = useSession();
  const [question, setQuestion] = useState<Question>();
  const proved: Proved = useCallback(async (attempt) => {
    const first = await attempt();
    const way = wayIn(first);
    if (way === undefined) return first;
    const shown = await new Promise<boolean>((answer) => setQuestion({ way, answer }));
    setQuestion(undefined);
    return shown ? attempt() : { ok: false, code: 'cancelled', message: '', said: {} };
  }, []);
  const askProved: AskProved = useCallback((path, isAnswer, body) => proved(() => ask(session, path, isAnswer, body)), [session, proved]);
  return { askProved, proved, dialog: question === undefined ? null : <ProofDialog question={question} /> };
}

function ProofDialog({ question: { way, answer } }: { readonly question: Question }) {
  const session = useSession();
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    const asked = await ask(session, '/auth/prove', isDone, { [way]: typed }).finally(() => setBusy(false));
    if (asked.ok) answer(true);
    else {
      setProblem(asked.message);
      setTyped('');
    }
  };
  const field = {
    value: typed,
    error: problem === '' ? undefined : problem,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => setTyped(event.currentTarget.value),
    mb: 'md',
    'data-autofocus': true,
  };
  return (
    <Dialog title="Show that it is you" size="sm" onClose={() => answer(false)}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {way === 'password' ? (
          <PasswordInput size="sm" label="Your password" name="password" autoComplete="current-password" {...field} />
        ) : (
          <TextInput
            size="sm"
            label="Code of your authenticator app, or a recovery code"
            name="code"
            autoComplete="one-time-code"
            {...field}
          />
        )}
        <Button type="submit" fullWidth loading={busy} disabled={typed === ''}>
          Go on
        </Button>
      </form>
    </Dialog>
  );
}
