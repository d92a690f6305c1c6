/** Keeps what the server answered as a file, and says so; or why not. */
import { notifications } from '@mantine/notifications';
import type { Asked } from '../sync/ask.ts';
import type { usePort } from '../ui/port.tsx';

export async function keepFile(port: ReturnType<typeof usePort>, name: string, answer: Asked<Uint8Array>): Promise<void> {
  const refused = (message: string): unknown => notifications.show({ color: 'red', title: 'Not exported', message });
  if (!answer.ok) {
    if (answer.code !== 'cancelled') refused(answer.message);
    return;
  }
  const saved = await port.saveFile(name, answer.value);
  if (saved.outcome === 'saved') notifications.show({ message: `Saved as ${saved.name}.`, autoClose: 4000 });
  if (saved.outcome === 'failed') refused(saved.message);
}
