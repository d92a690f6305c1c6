/** Starts the process that listens and puts orders to it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Caught, Clients, Heard, Order, Return } from './order.ts';

export interface Listeners {
  open(clients: Clients): Promise<void>;
  report(): Promise<Heard>;
  /** `returns`: of each user, in the order of the headers. */
  reconnect(clients: Clients, returns: readonly (readonly Return[])[], documents: number): Promise<Caught>;
  closeAll(): Promise<void>;
  stop(): void;
}

function ask(child: ChildProcess, order: Order): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.once('message', (answer: Answer) => {
      if ('failed' in answer) reject(new Error(answer.failed));
      else resolve(answer);
    });
    child.send(order);
  });
}

export function startListeners(): Listeners {
  const child = fork(fileURLToPath(new URL('./listener-process.ts', import.meta.url)));
  const wrong = (answer: Answer): Error => new Error(`the listeners answered ${JSON.stringify(answer)}`);
  return {
    async open(clients) {
      await ask(child, { do: 'open', clients });
    },
    async report() {
      const answer = await ask(child, { do: 'report' });
      if (!('heard' in answer)) throw wrong(answer);
      return answer.heard;
    },
    async reconnect(clients, returns, documents) {
      const answer = await ask(child, { do: 'reconnect', clients, returns, documents });
      if (!('caught' in answer)) throw wrong(answer);
      return answer.caught;
    },
    async closeAll() {
      await ask(child, { do: 'close' });
    },
    stop: () => void child.kill(),
  };
}
