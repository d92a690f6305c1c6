/** The one owner of ipcMain: who may call, with what, and that the answer has the promised shape. */
import { type CallName, type Check, type DesktopPort, callNames, channelOf, ipcContract } from '../ipc-contract.ts';
import { isOwnPage } from './own-page.ts';

/** The part of Electron's event that says who asks. A frame that was navigated away or destroyed is null. */
export interface CallEvent {
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
}
export interface IpcMainPort {
  handle(channel: string, listener: (event: CallEvent, ...args: unknown[]) => Promise<unknown>): void;
}

export class RefusedCall extends Error {
  readonly code: 'sender' | 'arguments';
  constructor(code: 'sender' | 'arguments', message: string) {
    super(message);
    this.name = 'RefusedCall';
    this.code = code;
  }
}

/** Only the top frame of our own page: an embedded frame or a page that got in by mistake gets nothing. */
function checkSender(event: CallEvent, name: CallName): void {
  const frame = event.senderFrame;
  if (frame === null || frame.parent !== null || !isOwnPage(frame.url)) {
    throw new RefusedCall('sender', `${name} is only answered to the desk's own page.`);
  }
}

function checkArguments(name: CallName, args: readonly unknown[]): void {
  const checks: readonly Check<unknown>[] = ipcContract[name].args;
  if (args.length !== checks.length) throw new RefusedCall('arguments', `${name} takes ${checks.length} arguments, got ${args.length}.`);
  checks.forEach((check, i) => {
    // The value itself stays out of the message: it may be a secret.
    if (!check(args[i])) throw new RefusedCall('arguments', `Argument ${i + 1} of ${name} does not have the agreed shape.`);
  });
}

/** Registers every call of the contract. `report` hears of each refusal: the desk's own code never causes one. */
export function registerCalls(ipc: IpcMainPort, port: DesktopPort, report: (error: Error) => void): void {
  for (const name of callNames) {
    const answer = port[name] as (...args: readonly unknown[]) => Promise<unknown>;
    ipc.handle(channelOf(name), async (event, ...args) => {
      try {
        checkSender(event, name);
        checkArguments(name, args);
        const result = await answer(...args);
        const hasShape: Check<unknown> = ipcContract[name].result;
        if (!hasShape(result)) throw new Error(`${name} answered with something the contract does not promise.`);
        return result;
      } catch (error) {
        report(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    });
  }
}
