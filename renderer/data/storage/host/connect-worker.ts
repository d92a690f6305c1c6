/**
 * The worker that carries the engine. A shared worker, because it belongs to no window: it goes on while one of them lives.
 * Where a browser has none, each window starts its own, and the lock of the database lets one of them work.
 */
import type { Connection } from './worker-client.ts';

const shared = (): Connection => {
  const worker = new SharedWorker(new URL('./storage-worker.ts', import.meta.url), { type: 'module', name: 'rxdb-storage' });
  worker.port.start();
  return {
    port: worker.port,
    onFailure: (listener) => worker.addEventListener('error', () => listener('its script could not be loaded')),
    close: () => worker.port.close(),
  };
};

const own = (): Connection => {
  const worker = new Worker(new URL('./storage-worker.ts', import.meta.url), { type: 'module', name: 'rxdb-storage' });
  return {
    port: worker,
    onFailure: (listener) => worker.addEventListener('error', (event) => listener(event.message || 'its script could not be loaded')),
    close: () => worker.terminate(),
  };
};

/** How this window reaches a storage worker, or undefined where there are no workers, as in Node. */
export function workerConnection(): (() => Connection) | undefined {
  if (typeof SharedWorker !== 'undefined') return shared;
  return typeof Worker === 'undefined' ? undefined : own;
}
