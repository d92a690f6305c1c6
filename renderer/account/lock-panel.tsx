/** After how long without a key or a click this device locks itself. Kept on the device. */
import { Select } from '@mantine/core';
import { useState } from 'react';
import { lockChoices, useIdleLock } from '../ui/idle-lock.tsx';

const wordsFor = (minutes: number): string => (minutes === 0 ? 'Never' : minutes === 60 ? 'After an hour' : `After ${minutes} minutes`);

export function LockPanel() {
  const lock = useIdleLock();
  const [minutes, setMinutes] = useState(() => lock.minutes());
  return (
    <section className="panel sync-panel" aria-labelledby="lock">
      <h2 id="lock">Lock</h2>
      <p className="quiet">
        A locked window shows nothing until your password is entered. It keeps what you were doing, and needs no server.
      </p>
      <div className="account-form">
        <Select
          size="sm"
          label="Lock this device when nobody uses it"
          data={lockChoices.map((choice) => ({ value: String(choice), label: wordsFor(choice) }))}
          value={String(minutes)}
          allowDeselect={false}
          onChange={(value) => {
            const chosen = Number(value);
            lock.setMinutes(chosen);
            setMinutes(chosen);
          }}
        />
      </div>
    </section>
  );
}
