/**
 * The browser's own files below IndexedDB. For a moment after a browser was killed its last process still holds them, and
 * the next one that starts cannot open them: Chromium answers every `open` with an UnknownError, but `databases()` with an
 * empty list, as if the device had never had anything. Both are over by themselves.
 */

/** Waits between two looks, in milliseconds: 12 s in all. */
const WAITS = [50, 100, 200, 400, 800, 1600, 2000, 2000, 2000, 3000] as const;

/** Settles when this database can be opened, or would be made; it is not. Rejects with what the browser says. */
function look(factory: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let missing = false;
    const request = factory.open(name);
    request.onupgradeneeded = () => {
      missing = true;
      request.transaction?.abort();
    };
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
    request.onerror = () => {
      if (missing) resolve();
      else reject(request.error ?? new Error('IndexedDB did not open'));
    };
  });
}

const held = (error: unknown): boolean => error instanceof DOMException && error.name === 'UnknownError';

/** To be asked before the first database is opened or looked for. Rejects with the browser's error when its files stay shut. */
export async function filesOpen(factory: IDBFactory, name: string, waits: readonly number[] = WAITS): Promise<void> {
  for (const wait of waits) {
    try {
      return await look(factory, name);
    } catch (error) {
      if (!held(error)) throw error;
    }
    await new Promise((done) => setTimeout(done, wait));
  }
  await look(factory, name);
}
