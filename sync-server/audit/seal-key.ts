/**
 * The key that signs the seal, and where the newest block is noted: a folder outside the database, so that whoever owns the
 * database can neither seal what was changed nor cut off the end unnoticed.
 */
import { type KeyObject, createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';

/** The folder of the seal cannot be used; the message says why and the way out. */
export class SealKeyFault extends Error {
  readonly code = 'seal_key';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SealKeyFault';
  }
}

/** The newest block, as it was when it was sealed. */
export interface Anchor {
  readonly block: number;
  readonly hash: string;
  readonly at: string;
  /** Why it does not follow the anchor before, where somebody said so: such as a restored backup. */
  readonly restarted?: string;
}
export interface SealKey {
  readonly id: string;
  readonly key: KeyObject;
}

const KEY_FILE = 'seal-key.pem';
const LAST_FILE = 'anchor.json';
/** One anchor a line: the first of each day, and those where the seal was begun anew. */
export const ANCHORS_FILE = 'anchors.jsonl';
const isMissing = (cause: unknown): boolean => (cause as NodeJS.ErrnoException).code === 'ENOENT';

export const keyIdOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(
      key.type === 'public' ? key.export({ type: 'spki', format: 'der' }) : createPublicKey(key).export({ type: 'spki', format: 'der' }),
    )
    .digest('hex')
    .slice(0, 16);

/** Whole or not at all, whoever else makes one at the same moment: the first one stays. */
function makeKey(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = path.join(folder, `${KEY_FILE}.${process.pid}`);
  writeFileSync(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  try {
    linkSync(draft, path.join(folder, KEY_FILE));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  } finally {
    rmSync(draft);
  }
}
/** The public half beside it stays when the key is replaced one day. */
function notePublic(folder: string, key: KeyObject, id: string): void {
  const file = path.join(folder, `${id}.pub.pem`);
  if (!existsSync(file)) writeFileSync(file, createPublicKey(key).export({ type: 'spki', format: 'pem' }), { mode: 0o644 });
}

/** The key of this folder; made on first use. Throws SealKeyFault when others may read it, or when it is none. */
export function openSealKey(folder: string): SealKey {
  const file = path.join(folder, KEY_FILE);
  try {
    const mode = statSync(file).mode;
    // Windows has no such bits.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new SealKeyFault(`Others may read ${file}. Take that right away (chmod 600), or begin with a new key.`);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    makeKey(folder);
  }
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`the key is ${key.asymmetricKeyType}`);
    const id = keyIdOf(key);
    notePublic(folder, key, id);
    return { key, id };
  } catch (cause) {
    throw new SealKeyFault(`${file} holds no Ed25519 key.`, cause);
  }
}

/** All public keys of the folder, those of earlier private keys too, by id. */
export function readPublicKeys(folder: string): Map<string, KeyObject> {
  try {
    const keys = readdirSync(folder)
      .filter((name) => name.endsWith('.pub.pem'))
      .map((name) => createPublicKey(readFileSync(path.join(folder, name))));
    return new Map(keys.map((key) => [keyIdOf(key), key]));
  } catch (cause) {
    throw new SealKeyFault(`The public keys of the seal cannot be read in ${folder}.`, cause);
  }
}

/** undefined when there is no such file. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw new SealKeyFault(`${file} cannot be read.`, cause);
  }
}
const anchorsOf = (text: string): Anchor[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Anchor);

/** The newest anchor of the folder; undefined before the first block. */
export function lastAnchor(folder: string): Anchor | undefined {
  const text = readText(path.join(folder, LAST_FILE));
  return text === undefined ? undefined : (JSON.parse(text) as Anchor);
}
/** Those that a database must hold: without those of a history that was given up. */
const standing = (anchors: readonly Anchor[]): Anchor[] =>
  anchors.filter(({ block }, i) => !anchors.slice(i + 1).some((later) => later.restarted !== undefined && block > later.block));

/** Anchors that were kept elsewhere: in a file, one a line or a single one, or in the folder that a server sent them to. */
export function readAnchors(place: string): Anchor[] {
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  const text = readText(isFolder ? path.join(place, ANCHORS_FILE) : place);
  if (text === undefined) throw new SealKeyFault(isFolder ? `No anchor was sent to ${place} yet.` : `There is no file ${place}.`);
  return standing(anchorsOf(`${text}\n`));
}
/** What is noted here, as text: the first of each day and the restarts, then the newest. */
export function anchorLines(folder: string): string[] {
  const last = readText(path.join(folder, LAST_FILE));
  const lines = `${readText(path.join(folder, ANCHORS_FILE)) ?? ''}${last ?? ''}`.split('\n').filter((line) => line !== '');
  return [...new Set(lines)];
}
/** All that must be found in the database: the newest, and the first of each day. */
export function anchorsIn(folder: string): Anchor[] {
  const last = lastAnchor(folder);
  const days = anchorsOf(readText(path.join(folder, ANCHORS_FILE)) ?? '');
  return last ? [...standing(days), last] : standing(days);
}

/** On the disk when it is done: the newest takes the place of the one before it; the first of a day and a restart are kept. */
export async function noteAnchor(folder: string, anchor: Anchor): Promise<void> {
  const line = `${JSON.stringify(anchor)}\n`;
  const before = lastAnchor(folder);
  if (before?.at.slice(0, 10) !== anchor.at.slice(0, 10) || anchor.restarted !== undefined)
    await onDisk(path.join(folder, ANCHORS_FILE), 'a', line);
  await replaceOnDisk(path.join(folder, LAST_FILE), line);
}
/** Takes the place of what was there, whole or not at all. */
export async function replaceOnDisk(file: string, text: string): Promise<void> {
  const next = `${file}.${process.pid}`;
  await onDisk(next, 'w', text);
  await rename(next, file);
}
/** The server answers others while it waits for the disk. */
async function onDisk(file: string, flag: 'a' | 'w', text: string): Promise<void> {
  const handle = await open(file, flag, 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
