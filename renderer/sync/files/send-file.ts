/** Sends one file, in parts that fit the line, and notes in its entry how far it came and what stands in the way. */
import { UPLOAD_PART_BYTES_MAX, type UploadAnswer } from '../../../domain/protocol/protocol.ts';
import type { Desk } from '../../data/desk.ts';
import { heldContent, trimHeld } from '../../data/files/held-files.ts';
import { inspectAway } from '../../data/files/inspect-away.ts';
import type { UploadRow } from '../../data/local-store.ts';
import { SyncFault } from '../fault.ts';
import { backoff } from '../phase.ts';
import type { Session } from '../session.ts';
import { FileAnswerFault, askUpload, sendPart } from './file-wire.ts';

const PART_BYTES_MIN = 128 * 1024;
/** Tries after which the pause between two of them grows from a minute to ten. */
const PATIENT_TRIES = 7;
/** How often a file is sent whose content came damaged while ours is whole. */
const DAMAGED_TRIES = 3;

/** When to try again: pauses double from a second to a minute, later they are ten minutes. */
const nextTry = (tries: number): number => Date.now() + backoff(tries, Math.random()) * (tries < PATIENT_TRIES ? 1 : 10);

/** The size of the next part: half of one that the line did not carry, double of one that it did. */
function makePartSize() {
  let size = UPLOAD_PART_BYTES_MAX;
  return {
    get: (): number => size,
    broke: (): void => {
      size = Math.max(PART_BYTES_MIN, size / 2);
    },
    passed: (): void => {
      size = Math.min(UPLOAD_PART_BYTES_MAX, size * 2);
    },
  };
}

export interface Sender {
  /** Resolves when the file is sent, refused, to be tried later, or when `signal` aborts. Never throws for what the world does. */
  send(row: UploadRow, signal: AbortSignal): Promise<void>;
}

export function makeSender(desk: Desk, session: Session): Sender {
  const { uploads } = desk.local;
  const partSize = makePartSize();
  /** The entry, while it is still about this content: a person may have put another file in its place meanwhile. */
  const entry = ({ recordId, sha256 }: UploadRow) =>
    uploads
      .where('recordId')
      .equals(recordId)
      .and((row) => row.sha256 === sha256);
  const note = async (row: UploadRow, change: Partial<UploadRow>): Promise<void> => void (await entry(row).modify(change));
  const refuse = (row: UploadRow, code: string, problem: string): Promise<void> => note(row, { state: 'refused', code, problem, sent: 0 });
  const retry = (row: UploadRow, { code, message }: FileAnswerFault | SyncFault): Promise<void> =>
    note(row, { tries: row.tries + 1, nextAt: nextTry(row.tries), code, problem: message });

  async function sendAll(row: UploadRow, content: Blob, signal: AbortSignal): Promise<void> {
    let state: UploadAnswer = await askUpload(session, row, signal);
    while (!state.complete) {
      const { received } = state;
      await note(row, { sent: received, code: '', problem: '' });
      try {
        state = await sendPart(session, row, received, content.slice(received, received + partSize.get()), signal);
        partSize.passed();
      } catch (error) {
        if (!(error instanceof FileAnswerFault) || error.status !== 409) throw error;
        // Such as a part whose answer was lost on the way.
        state = await askUpload(session, row, signal);
      }
    }
    await entry(row).delete();
    // What was kept for sending may go from now on when room is short.
    await trimHeld(desk.local);
  }

  /** A content that came damaged is compared with ours before a person is troubled. */
  async function judgeDamage(row: UploadRow, content: Blob, fault: FileAnswerFault): Promise<void> {
    if ((await inspectAway(content, content.type)).sha256 !== row.sha256)
      await refuse(row, 'damaged', `The copy of “${row.name}” on this device is damaged. Replace it with the original file.`);
    else if (row.tries < DAMAGED_TRIES) await retry(row, fault);
    else await refuse(row, fault.code, fault.message);
  }
  async function failed(row: UploadRow, content: Blob, error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (error instanceof SyncFault) {
      if (error.code === 'unreachable') partSize.broke();
      await retry(row, error);
    } else if (!(error instanceof FileAnswerFault)) throw error;
    // Nobody asked for it here, and only who may change the record can give it back.
    else if (row.offered && error.status < 500) await entry(row).delete();
    else if (error.code === 'wrong_hash') await judgeDamage(row, content, error);
    else if (error.status === 404) await retry(row, new FileAnswerFault(404, error.code, NO_RECORD));
    else await refuse(row, error.code, error.message);
  }

  return {
    async send(row, signal) {
      const content = await heldContent(desk.local, row.sha256);
      if (!content) {
        await refuse(row, 'lost', `The content of “${row.name}” is no longer on this device. Replace it with the original file.`);
        return;
      }
      try {
        await sendAll(row, content, signal);
      } catch (error) {
        await failed(row, content, error, signal);
      }
    },
  };
}
const NO_RECORD =
  'The server has no record that names it, or does not let you change that record. If the record was refused, the inbox says why.';
