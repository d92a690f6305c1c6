/** The refresh token of this device with the one that it will be exchanged for, in the secret store or, where that refuses, in memory. */

/** Where the refresh token is kept: the system's keychain in Electron, IndexedDB in the browser. */
export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  /** Rejects where the machine cannot keep it safely; the user then signs in again after a restart. */
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** The name of the only secret. Its value is the refresh token and, after a blank, the one that it will be exchanged for. */
export const TOKEN_SECRET = 'refresh-token';

export interface TokenPair {
  readonly refreshToken: string;
  readonly next: string;
}

/** 256 random bits in the form that the protocol asks for. */
function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

export function makeTokens(secrets: SecretStore) {
  let memory: string | undefined;
  /** Answers why the machine cannot keep it over a restart; undefined when it can. */
  const keep = async ({ refreshToken, next }: TokenPair): Promise<string | undefined> => {
    const pair = `${refreshToken} ${next}`;
    const problem = await secrets.set(TOKEN_SECRET, pair).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    memory = problem === undefined ? undefined : pair;
    return problem;
  };
  return {
    adopt: (refreshToken: string): Promise<string | undefined> => keep({ refreshToken, next: newToken() }),
    /** The pair as it is stored: whoever sends `next` has kept it before. */
    async read(): Promise<TokenPair | undefined> {
      const [refreshToken = '', next] = ((await secrets.get(TOKEN_SECRET)) ?? memory ?? '').split(' ');
      if (refreshToken === '') return undefined;
      if (next !== undefined) return { refreshToken, next };
      const pair = { refreshToken, next: newToken() };
      await keep(pair);
      return pair;
    },
    async forget(): Promise<void> {
      memory = undefined;
      await secrets.remove(TOKEN_SECRET);
    },
  };
}
