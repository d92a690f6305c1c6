/** Hands data to the user as a JSON file: through the shell's dialog in Electron, as a download in a browser. */
import { notifications } from '@mantine/notifications';
import type { DesktopPort } from '../../electron/ipc-contract.ts';

/** `drover-waiting` -> `drover-waiting-2026-09-04-1405.json` */
export function exportName(what: string, at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${what}-${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}-${two(at.getHours())}${two(at.getMinutes())}.json`;
}

export async function saveJson(port: DesktopPort, what: string, content: unknown): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(content, undefined, 2)}\n`);
  const answer = await port.saveFile(exportName(what, new Date()), bytes);
  if (answer.outcome === 'saved') notifications.show({ message: `Saved as ${answer.name}.`, autoClose: 4000 });
  if (answer.outcome === 'failed') notifications.show({ color: 'red', title: 'Not saved', message: answer.message });
}
