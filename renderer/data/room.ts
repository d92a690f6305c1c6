/** How much this device can still keep, whether the browser may evict it, and what is said when it is full. */

/** Nothing more fits; the message says what was not kept, in words for people. */
export class NoRoom extends Error {
  readonly code = 'no_room';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'NoRoom';
  }
}

/** The way out, said wherever something did not fit. */
export const FREE_SPACE = 'Free some space on this device (empty its downloads or its bin, remove large files), then try again.';

/** Whether storage refused a write for lack of room. Dexie wraps the browser's error once or twice, our own storage has a code. */
export function isFull(error: unknown): boolean {
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 5; depth += 1) {
    if (one.name === 'QuotaExceededError' || one instanceof NoRoom || ('code' in one && one.code === 'disk_full')) return true;
    one = 'inner' in one && one.inner !== undefined ? one.inner : one.cause;
  }
  return false;
}

export interface Room {
  /** Bytes; undefined where the browser does not tell. */
  readonly used: number | undefined;
  readonly free: number | undefined;
  /** The browser has promised not to evict the desk under disk pressure; undefined where it does not tell. */
  readonly kept: boolean | undefined;
}

const storage = (): StorageManager | undefined =>
  typeof navigator !== 'undefined' && 'storage' in navigator && 'estimate' in navigator.storage ? navigator.storage : undefined;

export async function measureRoom(): Promise<Room> {
  const own = storage();
  if (!own) return { used: undefined, free: undefined, kept: undefined };
  const [{ usage, quota }, kept] = await Promise.all([own.estimate(), own.persisted()]);
  return { used: usage, free: usage === undefined || quota === undefined ? undefined : Math.max(0, quota - usage), kept };
}

/**
 * Asks the browser not to evict the desk under disk pressure. Some browsers ask the user, who may say no or not answer.
 * The answer is shown on the sync page (`measureRoom`).
 */
export async function askToStay(): Promise<void> {
  const own = storage();
  if (own && !(await own.persisted())) await own.persist();
}

/** Room that is left alone, in bytes: what is typed during the work must find its place too. */
const RESERVE = 5 * 1024 * 1024;
const MEGA = 1024 * 1024;

/** Throws NoRoom when work that writes about this many bytes would fill the device. `what` begins the sentence: "This import". */
export async function requireRoom(bytes: number, what: string): Promise<void> {
  const { free } = await measureRoom();
  if (free === undefined || free >= bytes + RESERVE) return;
  const [needs, has] = [bytes + RESERVE, free].map((size) => Math.ceil(size / MEGA).toLocaleString('en-US'));
  throw new NoRoom(`${what} needs about ${needs} MB on this device, and only ${has} MB are left. ${FREE_SPACE}`);
}
