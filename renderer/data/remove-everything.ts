/**
 * Removes what Drover keeps on this device: every database, file and setting of its origin, which is nobody else's. What stays
 * are the program's own files, so that the window can say what happened without the server.
 */

/** Other windows let go of a database by themselves when they hear of its removal; `onBlocked` is told when one does not. */
function dropDatabase(name: string, onBlocked: () => void): Promise<void> {
  return new Promise((done, failed) => {
    const request = indexedDB.deleteDatabase(name);
    request.addEventListener('success', () => done());
    request.addEventListener('error', () => failed(request.error ?? new Error(`the database ${name} could not be removed`)));
    request.addEventListener('blocked', onBlocked);
  });
}

async function dropFiles(): Promise<void> {
  if (typeof navigator === 'undefined' || !('storage' in navigator) || !('getDirectory' in navigator.storage)) return;
  const folder = await navigator.storage.getDirectory();
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  for (const name of names) await folder.removeEntry(name, { recursive: true });
}

/** May be begun again after it was cut off. Rejects when something cannot be removed. `keep`: keys of localStorage that stay. */
export async function removeEverything(keep: readonly string[], onBlocked: () => void): Promise<void> {
  for (const { name } of await indexedDB.databases()) if (name !== undefined) await dropDatabase(name, onBlocked);
  await dropFiles();
  if (typeof localStorage === 'undefined') return;
  for (const key of Object.keys(localStorage)) if (!keep.includes(key)) localStorage.removeItem(key);
  sessionStorage.clear();
}
