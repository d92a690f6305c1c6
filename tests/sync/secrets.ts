/**
 * Words that simulated people type into fields which not everybody may see (sim-users.ts). Each stands nowhere else, so that a
 * message which carries one to somebody who may not know it is found by looking for the word, wherever in the message it is.
 */
import type { Intent } from './device.ts';
import type { Dice } from './dice.ts';
import { hiddenFields } from './sim-users.ts';

const WORD = /hush-[0-9a-f]{8}/g;
interface Secret {
  readonly collection: string;
  readonly path: string;
  readonly by: string;
}
type Values = Readonly<Record<string, unknown>>;
const wordsIn = (value: unknown): readonly string[] => JSON.stringify(value)?.match(WORD) ?? [];
/** Where such a word may be typed; the others of the hidden fields hold numbers and choices. */
const TEXTS = new Set(['ranches brand', 'ranches soil', 'parties notes', 'orders notes', 'orders lines.note', 'receivables disputeReason']);

export class Secrets {
  readonly #secrets = new Map<string, Secret>();
  /** By user: what the server had a right to tell. */
  readonly #told = new Map<string, Set<string>>();

  /** The intent with a word of its own in hidden texts that it fills. */
  into(dice: Dice, by: string, intent: Intent): Intent {
    const { collection, draft } = intent;
    const word = (path: string): string => {
      const text = `hush-${dice.word()}`;
      this.#secrets.set(text, { collection, path, by });
      return text;
    };
    const filled = (values: Values, key: string, path: string): Values =>
      typeof values[key] === 'string' && wordsIn(values[key]).length === 0 && dice.chance(60) ? { ...values, [key]: word(path) } : values;
    let result: Values = draft ?? {};
    for (const path of hiddenFields[collection] ?? []) {
      if (!TEXTS.has(`${collection} ${path}`)) continue;
      const [key = '', inner] = path.split('.');
      const rows = result[key];
      if (inner === undefined) result = filled(result, key, path);
      else if (Array.isArray(rows)) result = { ...result, [key]: rows.map((row) => filled(row as Values, inner, path)) };
    }
    return draft ? { ...intent, draft: result } : intent;
  }

  /** The user was rightly sent this. */
  tell(user: string, message: unknown): void {
    const told = this.#told.get(user) ?? new Set();
    for (const word of wordsIn(message)) told.add(word);
    this.#told.set(user, told);
  }

  /** The first word in an entry of an inbox that its reader neither typed nor, by what was always `hidden`, could ever have read. */
  leakedBy(user: string, hidden: (collection: string, path: string) => boolean, entry: unknown): string | undefined {
    return wordsIn(entry).find((word) => {
      const secret = this.#secrets.get(word);
      if (!secret || secret.by === user || this.#told.get(user)?.has(word) === true) return false;
      return hidden(secret.collection, secret.path);
    });
  }
}
