/** Which sync server the desktop app talks to, asked on the sign-in screen. In a browser it is the one that served the page. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSession } from '../sync/session.ts';
import { usePort } from '../ui/port.tsx';

export function ServerAddress() {
  const port = usePort();
  const { baseUrl } = useSession();
  const [typed, setTyped] = useState<string>();
  const [problem, setProblem] = useState('');
  if (window.drover === undefined) return null;
  const change = async (): Promise<void> => {
    const answer = await port.setServerUrl(typed ?? '');
    // The address belongs to the window's security policy as well, so it counts from the next load.
    if (answer.ok) window.location.reload();
    else setProblem(answer.message);
  };
  if (typed === undefined)
    return (
      <p className="sign-in-server">
        <span className="quiet">Server: {baseUrl}</span>{' '}
        <button type="button" className="link-button" onClick={() => setTyped(baseUrl)}>
          Change
        </button>
      </p>
    );
  return (
    <form
      className="sign-in-server"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void change();
      }}
    >
      <TextInput
        size="sm"
        label="Address of the sync server"
        placeholder="https://sync.example.com"
        value={typed}
        error={problem === '' ? undefined : problem}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setProblem('');
        }}
        autoFocus
        spellCheck={false}
        mb="xs"
      />
      <Button type="submit" size="sm" variant="default" mr="xs">
        Use this server
      </Button>
      <Button size="sm" variant="subtle" onClick={() => setTyped(undefined)}>
        Cancel
      </Button>
    </form>
  );
}
