/** Says plainly when a record holds something else than was typed, because the server joined two changes of it. */
import { notifications } from '@mantine/notifications';
import { useEffect, useRef, useState } from 'react';
import { allFields } from '../../domain/entity/entity.ts';
import { storedStates } from '../data/commit.ts';
import type { Desk } from '../data/desk.ts';
import { useDesk } from '../data/live.ts';
import { useSyncState } from '../sync/connection.ts';
import type { Joined } from '../sync/waiting-marks.ts';

const NOTICE_MS = 20_000;

/** One sentence for one record. */
async function joinedWords(desk: Desk, { collection, id, keys }: Joined): Promise<string> {
  const { entity } = desk.noun(collection);
  const stored: Readonly<Record<string, unknown>> = (await storedStates(desk, collection, [id])).get(id) ?? {};
  const title = stored[entity.title];
  const labels = keys.map((key) => allFields(entity)[key]?.label ?? key).join(', ');
  return `${typeof title === 'string' && title !== '' ? title : entity.label}: ${labels} now ${keys.length === 1 ? 'holds' : 'hold'} your change and another one. Look it over.`;
}

export function JoinedNotice() {
  const desk = useDesk();
  const { joined } = useSyncState();
  const [opened] = useState(() => new Date().toISOString());
  const told = useRef(opened);
  useEffect(() => {
    if (!joined || joined.at <= told.current) return;
    told.current = joined.at;
    const tell = async (edit: Joined): Promise<void> => {
      const message = await joinedWords(desk, edit);
      notifications.show({ title: 'Joined with a change made elsewhere', message, autoClose: NOTICE_MS });
    };
    for (const edit of joined.edits) void tell(edit);
  }, [desk, joined]);
  return null;
}
