/**
 * The only list of calls between the window and the desktop shell. The preload bridge loops over its keys, the main process
 * implements `DesktopPort`, and the web app implements the same interface, so a new line here fails to compile exactly where
 * a handler is missing. Structured clone lets any value through, therefore every argument and every result has a check that
 * the main process runs.
 */

/** Says whether a value that came through structured clone has the shape. */
export type Check<T> = (value: unknown) => value is T;

export interface Call<Args extends readonly unknown[], Result> {
  readonly args: { readonly [I in keyof Args]: Check<Args[I]> };
  readonly result: Check<Result>;
}
const call = <Args extends readonly unknown[], Result>(
  args: { readonly [I in keyof Args]: Check<Args[I]> },
  result: Check<Result>,
): Call<Args, Result> => ({ args, result });

/** What a call that can fail in an expected way answers: done, or a code for programs and a sentence for people. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string };
/** `name` is the file's name without its folder: the window has no business with paths of the machine. */
export type SaveOutcome =
  | { readonly outcome: 'saved'; readonly name: string }
  | { readonly outcome: 'cancelled' }
  | { readonly outcome: 'failed'; readonly code: string; readonly message: string };
/** How a sign-in through the system's browser ended. `leaving`: in the web app the page itself goes to sign in, and comes back. */
export type BrowserSignIn =
  | { readonly outcome: 'ticket'; readonly ticket: string }
  | { readonly outcome: 'problem'; readonly code: string }
  | { readonly outcome: 'cancelled' }
  | { readonly outcome: 'leaving' };
export interface ShellVersion {
  readonly app: string;
  /** Where the desk runs, for the About box and for bug reports: `web`, or the platform and the Electron version. */
  readonly shell: string;
}

export const SECRET_BYTES_MAX = 16 * 1024;
export const SAVE_BYTES_MAX = 64 * 1024 * 1024;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText =
  (max: number, pattern = /^[^]*$/u): Check<string> =>
  (value): value is string =>
    typeof value === 'string' && value.length <= max && pattern.test(value);
const isTextOrNull =
  (max: number): Check<string | null> =>
  (value): value is string | null =>
    value === null || isText(max)(value);
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array && value.byteLength <= SAVE_BYTES_MAX;
const isNothing = (value: unknown): value is undefined => value === undefined;
/** Secrets are named by the program, never by the user. */
const isSecretName = isText(64, /^[a-z][a-z0-9.-]*$/u);
const isOutcome = (value: unknown): value is Outcome =>
  isRecord(value) && (value['ok'] === true || (value['ok'] === false && isText(80)(value['code']) && isText(1000)(value['message'])));
const isSaveOutcome = (value: unknown): value is SaveOutcome => {
  if (!isRecord(value)) return false;
  if (value['outcome'] === 'saved') return isText(255)(value['name']);
  return value['outcome'] === 'cancelled' || (value['outcome'] === 'failed' && isText(80)(value['code']) && isText(1000)(value['message']));
};
const isBrowserSignIn = (value: unknown): value is BrowserSignIn => {
  if (!isRecord(value)) return false;
  if (value['outcome'] === 'ticket') return isText(200)(value['ticket']);
  if (value['outcome'] === 'problem') return isText(80)(value['code']);
  return value['outcome'] === 'cancelled' || value['outcome'] === 'leaving';
};
const isVersion = (value: unknown): value is ShellVersion => isRecord(value) && isText(40)(value['app']) && isText(120)(value['shell']);

export const ipcContract = {
  /** Version of the app and of what it runs in. */
  version: call<[], ShellVersion>([], isVersion),
  /** Address of the sync server without a trailing slash; '' means the address the window was loaded from. */
  serverUrl: call<[], string>([], isText(2000)),
  /** Keeps another server's address on this machine. It counts from the next load of the window, which the caller asks for. */
  setServerUrl: call<[url: string], Outcome>([isText(2000)], isOutcome),
  /** Reads a secret of this user on this machine; null when there is none or the keychain cannot open it any more. */
  getSecret: call<[name: string], string | null>([isSecretName], isTextOrNull(SECRET_BYTES_MAX)),
  /** Keeps a secret under the operating system's key. Refused, never stored in the clear, where there is no keychain. */
  setSecret: call<[name: string, value: string], Outcome>([isSecretName, isText(SECRET_BYTES_MAX)], isOutcome),
  removeSecret: call<[name: string], undefined>([isSecretName], isNothing),
  /** Offers bytes as a file: the user picks the place. `name` is a suggestion, only its last part counts. */
  saveFile: call<[name: string, bytes: Uint8Array], SaveOutcome>([isText(255), isBytes], isSaveOutcome),
  /** Signs in through another system in the system's own browser. `challenge`: base64url of the SHA-256 of the window's secret. */
  signInByBrowser: call<[challenge: string], BrowserSignIn>([isText(43, /^[A-Za-z0-9_-]{43}$/u)], isBrowserSignIn),
} as const;

export type IpcContract = typeof ipcContract;
export type CallName = keyof IpcContract;
export type ArgsOf<K extends CallName> = IpcContract[K] extends Call<infer Args, infer _Result> ? Args : never;
export type ResultOf<K extends CallName> = IpcContract[K] extends Call<infer _Args, infer Result> ? Result : never;

/** What the desk may ask of the machine it runs on. Implemented by the shell over IPC and by the web app in the browser. */
export type DesktopPort = { readonly [K in CallName]: (...args: ArgsOf<K>) => Promise<ResultOf<K>> };

export const callNames = Object.keys(ipcContract) as readonly CallName[];
/** The channel of a call; the prefix keeps ours apart from Electron's own. */
export const channelOf = (name: CallName): string => `drover:${name}`;
/** The name under which the bridge hangs on the window. */
export const BRIDGE = 'drover';
