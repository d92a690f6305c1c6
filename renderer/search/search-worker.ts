/** Entry of the search worker: the index, away from the window's thread. */
import { type ToIndex, answerWith } from './search-port.ts';

const answer = answerWith((message) => {
  self.postMessage(message);
});
self.addEventListener('message', (event: MessageEvent<ToIndex>) => answer(event.data));
