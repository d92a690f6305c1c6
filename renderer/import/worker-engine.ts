/** The import engine behind a worker: the same interface, every call a message. */
import type { EngineCall, ImportEngine } from './import-engine.ts';

export interface EngineRequest<K extends EngineCall = EngineCall> {
  readonly id: number;
  readonly call: K;
  readonly args: Parameters<ImportEngine[K]>;
}
export type EngineResponse =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string };

/** The part of a Worker that is used; a test hands in a MessagePort. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<EngineResponse>) => void): void;
  addEventListener(type: 'error', listener: (event: { readonly message: string }) => void): void;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (reason: Error) => void;
}

export function workerEngine(worker: WorkerLike): ImportEngine {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  worker.addEventListener('message', ({ data }) => {
    const call = waiting.get(data.id);
    if (!call) return;
    waiting.delete(data.id);
    // The worker answers each call with that call's own result; the types meet again in `ask`.
    if (data.ok) call.resolve(data.value as never);
    else call.reject(new Error(data.message));
  });
  // A worker that could not start or died answers nobody any more.
  worker.addEventListener('error', ({ message }) => {
    for (const { reject } of waiting.values()) reject(new Error(`The import stopped working: ${message}`));
    waiting.clear();
  });
  const ask = <K extends EngineCall>(call: K, args: Parameters<ImportEngine[K]>): ReturnType<ImportEngine[K]> => {
    last += 1;
    const id = last;
    const answer = new Promise<never>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, call, args });
    });
    return answer as ReturnType<ImportEngine[K]>;
  };
  return {
    open: (...args) => ask('open', args),
    propose: (...args) => ask('propose', args),
    problems: (...args) => ask('problems', args),
    prepare: (...args) => ask('prepare', args),
    plan: (...args) => ask('plan', args),
  };
}

/** Starts the worker that vite bundles beside the window. The caller ends it. */
export function startImportWorker(): { readonly engine: ImportEngine; readonly end: () => void } {
  const worker = new Worker(new URL('./import-worker.ts', import.meta.url), { type: 'module', name: 'import' });
  return { engine: workerEngine(worker), end: () => worker.terminate() };
}
