/** How much room the desk has on this device, and whether the browser may take it away. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useDesk } from '../data/live.ts';
import { type Room, askToStay, measureRoom } from '../data/room.ts';
import { atRestSentence, keptSentence, roomSentence } from './storage-words.ts';

/** Milliseconds between two looks. */
const LOOK = 30_000;

export function StoragePanel() {
  const { atRest } = useDesk();
  const [room, setRoom] = useState<Room>();
  useEffect(() => {
    let live = true;
    const look = async (): Promise<void> => {
      const now = await measureRoom();
      if (live) setRoom(now);
    };
    void look();
    const timer = setInterval(() => void look(), LOOK);
    return () => {
      live = false;
      clearInterval(timer);
    };
  }, []);
  if (!room) return null;
  const ask = async (): Promise<void> => {
    await askToStay();
    setRoom(await measureRoom());
  };
  const isDesktop = window.drover !== undefined;
  return (
    <section className="panel sync-panel" aria-label="Storage">
      <h2>Storage on this device</h2>
      <p>{roomSentence(room)}</p>
      <p>{keptSentence(room, isDesktop)}</p>
      <p>{atRestSentence[atRest]}</p>
      {room.kept === false && !isDesktop ? (
        <Button variant="default" onClick={() => void ask()}>
          Ask the browser again
        </Button>
      ) : null}
    </section>
  );
}
