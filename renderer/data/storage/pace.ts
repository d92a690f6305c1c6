/** Long work in slices, so that whoever shares the thread is served in between. */

/** Milliseconds of work between two pauses. */
const SLICE = 8;

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();
// Node would wait for the port otherwise; a browser has no such method.
if ('unref' in channel.port1 && typeof channel.port1.unref === 'function') channel.port1.unref();

/** Lets messages, paints and other tasks run. A timer would wait at least 4 ms, and a microtask lets nobody in. */
export const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(0);
  });

/** Call it often: it pauses when a slice is used up. */
export function makePace(): () => Promise<void> | undefined {
  let until = performance.now() + SLICE;
  return () => {
    if (performance.now() < until) return undefined;
    return nextTask().then(() => {
      until = performance.now() + SLICE;
    });
  };
}
