/** What the window shows when its records take a while to open. */
import { Progress } from '@mantine/core';
import type { Moving } from '../data/storage/host/move-from-dexie.ts';

const number = new Intl.NumberFormat('en-US');

export function Opening({ moving }: { readonly moving: Moving | undefined }) {
  if (!moving || moving.total === 0)
    return (
      <main className="cannot-open">
        <p role="status">Opening the records on this device. After an update this may take a minute; nothing is lost when you close it.</p>
      </main>
    );
  const { done, total } = moving;
  return (
    <main className="cannot-open">
      <p role="status">
        Moving the records on this device into the storage of this version. Nothing is lost when you close Drover; it goes on from there.
      </p>
      <Progress value={(100 * done) / total} aria-label="Records moved" />
      <p className="quiet">
        {number.format(done)} of {number.format(total)} entries
      </p>
    </main>
  );
}
