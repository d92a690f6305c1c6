/** What can go wrong between the window and the server, sorted by what to do about it. */

export type SyncFaultCode =
  /** No answer: cable out, server down, timeout. Try again later. */
  | 'unreachable'
  /** The server asks to come back later (429, 5xx). */
  | 'busy'
  /** No valid sign-in; a person must sign in. */
  | 'signed_out'
  /** This window is too old for the server (426). The work on the device is kept. */
  | 'outdated'
  /** The request itself was refused; waiting will probably not help. */
  | 'refused'
  /** The answer is not what the protocol says. */
  | 'bad_answer'
  /** This device is too full to receive everything. */
  | 'no_room';

export class SyncFault extends Error {
  readonly code: SyncFaultCode;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  constructor(code: SyncFaultCode, message: string, options: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'SyncFault';
    this.code = code;
    this.status = options.status;
  }
}

const codeOfStatus = (status: number): SyncFaultCode => {
  if (status === 401) return 'signed_out';
  if (status === 426) return 'outdated';
  return status === 429 || status === 408 || status >= 500 ? 'busy' : 'refused';
};

const ownWords: Partial<Record<SyncFaultCode, string>> = {
  signed_out: 'The server no longer accepts this sign-in. Sign in again; nothing is lost.',
  outdated: 'This Drover is too old for the server. Update it; what is not yet sent stays on this device.',
  busy: 'The server is busy or being restarted. Drover tries again by itself.',
};

/** The fault behind an answer that is no success. Reads the server's own sentence where our code has none. */
export async function faultOf(response: Response): Promise<SyncFault> {
  const code = codeOfStatus(response.status);
  // A proxy in between may answer with a page; the status then says enough.
  const said: unknown = await response.json().catch(() => undefined);
  const message =
    typeof said === 'object' && said !== null && 'detail' in said && typeof said.detail === 'string' ? said.detail : undefined;
  return new SyncFault(code, ownWords[code] ?? `The server refused the request: ${message ?? `status ${response.status}`}`, {
    status: response.status,
  });
}

/** The fault behind something thrown by fetch: only network failures and timeouts are the world's, the rest are bugs. */
export function faultOfThrown(error: unknown): SyncFault {
  if (error instanceof SyncFault) return error;
  const name = error instanceof Error ? error.name : '';
  if (error instanceof TypeError || name === 'TimeoutError' || name === 'AbortError' || name === 'NetworkError') {
    return new SyncFault('unreachable', 'The server cannot be reached. Drover goes on here and sends everything later.', { cause: error });
  }
  throw error;
}
