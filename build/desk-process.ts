/** Which desk runs in a data folder: written at start, read by a second start so that it can say so. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RunningDesk {
  readonly pid: number;
  readonly url: string;
}

const fileIn = (folder: string): string => join(folder, 'desk.json');

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/livez`, { signal: AbortSignal.timeout(3000) }).then(
    (answer) => answer.ok,
    () => false,
  );

/** The note, unless a power cut left half of it: then it names nobody. */
function readNote(file: string): RunningDesk | undefined {
  const text = readFileSync(file, 'utf8');
  try {
    const note = JSON.parse(text) as Partial<RunningDesk> | null;
    return typeof note?.pid === 'number' && typeof note.url === 'string' ? { pid: note.pid, url: note.url } : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** The desk that runs in this folder; undefined when none does, or when a killed one left its note behind. */
export async function runningDesk(folder: string): Promise<RunningDesk | undefined> {
  if (!existsSync(fileIn(folder))) return undefined;
  const desk = readNote(fileIn(folder));
  return desk && isAlive(desk.pid) && (await answers(desk.url)) ? desk : undefined;
}

export function noteDesk(folder: string, desk: RunningDesk): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileIn(folder), JSON.stringify(desk));
}
export const forgetDesk = (folder: string): void => rmSync(fileIn(folder), { force: true });
