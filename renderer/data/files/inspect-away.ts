/** Inspects contents without holding up the window: copying and hashing 50 MB in it would cost a tenth of a second. */
import { type Inspected, inspect } from './inspect.ts';

export interface InspectRequest {
  readonly content: Blob;
  /** Media type of the content that comes back. */
  readonly mime: string;
}
export type InspectAnswer =
  | { readonly ok: true; readonly value: Inspected }
  | { readonly ok: false; readonly name: string; readonly message: string };

/** Below this a worker takes longer to start than the work takes. */
const SMALL = 2 * 1024 * 1024;

/** As `inspect`. One worker a content: large ones are rare, and an idle worker would keep its memory. */
export function inspectAway(content: Blob, mime: string): Promise<Inspected> {
  if (content.size <= SMALL || typeof Worker === 'undefined' || typeof window === 'undefined') return inspect(content, mime);
  const worker = new Worker(new URL('./inspect-worker.ts', import.meta.url), { type: 'module', name: 'inspect' });
  const answer = new Promise<Inspected>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<InspectAnswer>) => {
      if (data.ok) resolve(data.value);
      else reject(new DOMException(data.message, data.name));
    });
    worker.addEventListener('error', ({ message }) => reject(new Error(`A file could not be read: ${message}`)));
    worker.postMessage({ content, mime } satisfies InspectRequest);
  });
  return answer.finally(() => worker.terminate());
}
