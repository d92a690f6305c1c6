/** One question to the server that is not sync: who may be asked only while it is in reach, and may refuse a field by name. */
import { useCallback, useEffect, useState } from 'react';
import { SyncFault } from './fault.ts';
import { type Session, useSession } from './session.ts';

export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  /** `field`: the part of the request that was refused, where there is one. */
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly field?: string;
      /** The whole answer, for what belongs to its code. */
      readonly said: Readonly<Record<string, unknown>>;
    };

const textIn = (value: unknown, key: 'code' | 'detail' | 'field'): string | undefined => {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === 'string' ? found : undefined;
};

type Refused = Extract<Asked<never>, { ok: false }>;
function refusal(status: number, said: unknown): Refused {
  const field = textIn(said, 'field');
  return {
    ok: false,
    code: textIn(said, 'code') ?? 'refused',
    message: textIn(said, 'detail') ?? `The server answered with status ${status}, in a way this Drover does not know.`,
    ...(field === undefined ? {} : { field }),
    said: typeof said === 'object' && said !== null ? { ...said } : {},
  };
}
function unanswered(error: unknown): Refused {
  if (!(error instanceof SyncFault)) throw error;
  const message = error.code === 'unreachable' ? 'This needs the server, which cannot be reached at the moment.' : error.message;
  return { ok: false, code: error.code, message, said: {} };
}
const initOf = (body: unknown): RequestInit =>
  body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };

/**
 * GET without a body, else POST. `isAnswer` says whether the answer has the promised shape. `as: 'anybody'` asks without a
 * sign-in.
 */
export async function ask<T>(
  session: Session,
  path: string,
  isAnswer: (value: unknown) => value is T,
  body?: unknown,
  as: 'user' | 'anybody' = 'user',
): Promise<Asked<T>> {
  try {
    const init = initOf(body);
    const response = await (as === 'user' ? session.authorizedFetch(path, init) : session.openFetch(path, init));
    // A proxy in between may answer with a page; the status then says enough.
    const said: unknown = await response.json().catch(() => undefined);
    if (response.ok && isAnswer(said)) return { ok: true, value: said };
    return refusal(response.status, said);
  } catch (error) {
    return unanswered(error);
  }
}

/** The same for an answer that is kept as a file, whatever it holds. */
export async function askForFile(session: Session, path: string, body?: unknown): Promise<Asked<Uint8Array>> {
  try {
    const response = await session.authorizedFetch(path, initOf(body));
    if (!response.ok) return refusal(response.status, await response.json().catch(() => undefined));
    return { ok: true, value: new Uint8Array(await response.arrayBuffer()) };
  } catch (error) {
    return unanswered(error);
  }
}

export const isDone = (value: unknown): value is { readonly done: true } =>
  typeof value === 'object' && value !== null && 'done' in value && value.done === true;

/** The answer to a GET, asked when the screen opens; undefined until it comes. `again` asks anew. */
export function useAsked<T>(
  path: string,
  isAnswer: (value: unknown) => value is T,
  as: 'user' | 'anybody' = 'user',
): { readonly asked: Asked<T> | undefined; readonly again: () => void } {
  const session = useSession();
  const [asked, setAsked] = useState<Asked<T>>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let gone = false;
    void ask(session, path, isAnswer, undefined, as).then((answer) => {
      if (!gone) setAsked(answer);
    });
    return () => {
      gone = true;
    };
  }, [session, path, isAnswer, as, round]);
  return { asked, again: useCallback(() => setRound((before) => before + 1), []) };
}
