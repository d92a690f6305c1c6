/** What every screen has that a link of a letter leads to: the token out of the address, and what the server says of it. */
import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { LinkAnswer } from '../../domain/protocol/protocol.ts';
import { type Asked, ask } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import mark from './drover.svg?no-inline';

const isLink = (value: unknown): value is LinkAnswer =>
  typeof value === 'object' &&
  value !== null &&
  'purpose' in value &&
  typeof value.purpose === 'string' &&
  'email' in value &&
  typeof value.email === 'string' &&
  'name' in value &&
  typeof value.name === 'string';

/** Read once: the token leaves the address bar and the history as soon as the screen stands. */
const tokenInAddress = (): string => decodeURIComponent(window.location.hash.slice(1));

export interface LetterLink {
  readonly token: string;
  readonly link: Asked<LinkAnswer> | undefined;
}
/** `title`: of the window. */
export function useLetterLink(title: string): LetterLink {
  const session = useSession();
  const [token] = useState(tokenInAddress);
  const [link, setLink] = useState<Asked<LinkAnswer>>();
  useEffect(() => {
    document.title = `${title} - Drover`;
    if (window.location.hash !== '') window.history.replaceState(window.history.state, '', window.location.pathname);
    let gone = false;
    void ask(session, '/auth/link', isLink, { token: token === '' ? '-' : token }, 'anybody').then((answer) => {
      if (!gone) setLink(answer);
    });
    return () => {
      gone = true;
    };
  }, [session, token, title]);
  return { token, link };
}

const toDrover = (
  <Button component="a" href="/" variant="default" fullWidth>
    Go to Drover
  </Button>
);

export const LetterCard = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <main className="sign-in">
    <div className="sign-in-card panel">
      <img src={mark} alt="" width={36} height={36} />
      <h1>{title}</h1>
      {children}
    </div>
  </main>
);

/** Instead of what the link is for, while nothing is known of it and when it does not count. */
export const NoLink = ({ link }: Pick<LetterLink, 'link'>) => (
  <>
    <p className={link === undefined ? 'quiet' : 'field-error'} role="status">
      {link === undefined ? 'Asking the server about the link ...' : link.ok ? 'This link is for something else.' : link.message}
    </p>
    {link === undefined ? null : toDrover}
  </>
);

export const Finished = ({ children }: { readonly children: ReactNode }) => (
  <>
    <p role="status">{children}</p>
    {toDrover}
  </>
);
