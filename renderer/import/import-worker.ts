/** Runs the import engine off the main thread. One request, one answer; errors travel back as text. */
import { type ImportEngine, importEngine, webPlatform } from './import-engine.ts';
import type { EngineRequest, EngineResponse } from './worker-engine.ts';

const engine = importEngine(webPlatform);

/** The map over the calls is complete by type, so that no name from outside reaches the object itself. */
const calls: { readonly [K in keyof ImportEngine]: (args: Parameters<ImportEngine[K]>) => ReturnType<ImportEngine[K]> } = {
  open: (args) => engine.open(...args),
  propose: (args) => engine.propose(...args),
  problems: (args) => engine.problems(...args),
  prepare: (args) => engine.prepare(...args),
  plan: (args) => engine.plan(...args),
};

async function answer<K extends keyof ImportEngine>(request: EngineRequest<K>): Promise<EngineResponse> {
  try {
    return { id: request.id, ok: true, value: await calls[request.call](request.args) };
  } catch (error) {
    return { id: request.id, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

self.addEventListener('message', (event: MessageEvent<EngineRequest>) => {
  void answer(event.data).then((response) => self.postMessage(response));
});
