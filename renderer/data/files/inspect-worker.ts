/** Inspects one content away from the window's thread, and answers once. */
import type { InspectAnswer, InspectRequest } from './inspect-away.ts';
import { inspect } from './inspect.ts';

async function answer({ content, mime }: InspectRequest): Promise<InspectAnswer> {
  try {
    return { ok: true, value: await inspect(content, mime) };
  } catch (error) {
    if (error instanceof DOMException) return { ok: false, name: error.name, message: error.message };
    throw error;
  }
}

self.addEventListener('message', (event: MessageEvent<InspectRequest>) => {
  void answer(event.data).then((said) => self.postMessage(said));
});
