/** Says that this desk once held more than the browser left of it: at sign-in, over the desk, and on the sync page until dismissed. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect } from 'react';
import type { Loss } from '../data/held-mark.ts';
import { useDesk, useLive } from '../data/live.ts';
import { LOSS_REASON, LOSS_TITLE, lossSentences } from './loss-words.ts';

const useLosses = (): readonly Loss[] => useLive(useDesk().heldMark.losses);

function Losses({ losses }: { readonly losses: readonly Loss[] }) {
  return losses.map((loss) => {
    const [happened, work] = lossSentences(loss);
    return (
      <div key={loss.store}>
        <p>{happened}</p>
        <p>
          <strong>{work}</strong>
        </p>
      </div>
    );
  });
}

/** Where nobody is signed in any more, because the sign-in went with the records. */
export function LossAtSignIn() {
  const losses = useLosses();
  if (losses.length === 0) return null;
  return (
    <div className="notice" data-tone="bad" role="alert">
      <div>
        <Losses losses={losses} />
        <p>Sign in to receive the records again.</p>
      </div>
    </div>
  );
}

const NOTICE = 'loss';

/** Stays over the desk until it is closed; the sync page goes on saying it. */
export function LossNotice() {
  const losses = useLosses();
  useEffect(() => {
    if (losses.length === 0) {
      notifications.hide(NOTICE);
      return;
    }
    const unsent = losses.some(({ waiting, files }) => waiting + files > 0);
    notifications.show({
      id: NOTICE,
      color: 'red',
      autoClose: false,
      title: LOSS_TITLE,
      message: `${unsent ? 'Work that had not been sent is gone.' : 'They come again from the server.'} The sync page says more.`,
    });
  }, [losses]);
  return null;
}

export function LossPanel() {
  const { heldMark } = useDesk();
  const losses = useLosses();
  if (losses.length === 0) return null;
  return (
    <section className="panel sync-panel" aria-label="Lost on this device">
      <h2>{LOSS_TITLE}</h2>
      <Losses losses={losses} />
      <p>{LOSS_REASON}</p>
      <Button variant="default" onClick={() => heldMark.dismiss()}>
        I have read this
      </Button>
    </section>
  );
}
