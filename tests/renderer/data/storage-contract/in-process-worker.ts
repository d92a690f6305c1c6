/** A worker of this process: the same messages over a real channel, and a death that can be arranged. */
import type { RxStorage } from 'rxdb';
import type { StorageKey } from '../../../../renderer/data/storage/host/border.ts';
import { getRxStorageRemote } from '../../../../renderer/data/storage/host/remote-storage.ts';
import { type ServeOptions, StorageServer } from '../../../../renderer/data/storage/host/serve-storage.ts';
import type { Connection } from '../../../../renderer/data/storage/host/worker-client.ts';

export interface InProcessWorker {
  /** A storage as a new window would make it. */
  window(onNotice?: (notice: unknown) => void, key?: StorageKey): RxStorage<object, object>;
  readonly server: () => StorageServer;
  /** The worker is gone without a word; the next one who asks finds another. */
  die(): Promise<void>;
  /** Times a worker was started. */
  readonly started: () => number;
}

export function inProcessWorker(make: () => RxStorage<unknown, unknown>, more: Partial<ServeOptions> = {}): InProcessWorker {
  let server: StorageServer | undefined;
  let started = 0;
  const running = (): StorageServer => {
    if (!server) started += 1;
    return (server ??= new StorageServer({ storage: make(), ...more }));
  };
  const connect = (): Connection => {
    const { port1, port2 } = new MessageChannel();
    running().serve(port2);
    port2.start();
    port1.start();
    return {
      port: port1,
      onFailure: () => undefined,
      close: () => port1.close(),
    };
  };
  return {
    window: (onNotice, key) => getRxStorageRemote({ connect, ...(onNotice ? { onNotice } : {}), ...(key ? { key } : {}) }),
    server: running,
    async die() {
      const dying = server;
      server = undefined;
      await dying?.stop();
    },
    started: () => started,
  };
}
