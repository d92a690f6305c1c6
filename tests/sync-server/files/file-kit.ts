/** What the tests of files share: contents, records that name them, and a caller who sends them. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { ErrorAnswer, FilesMissingAnswer, UploadAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import { type Client, document, insert } from '../test-server.ts';

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** A PDF as far as its first bytes tell, of this many bytes, never the same twice. */
export const pdf = (size = 1000): Buffer => {
  const bytes = randomBytes(size);
  bytes.write('%PDF-1.7\n');
  return bytes;
};

export interface Named {
  readonly id: string;
  readonly sha256: string;
  readonly bytes: Buffer;
  readonly stored: WireDocument;
}
/** Pushes a record that names this content, as a device does before it sends it. */
export async function recordOf(client: Client, bytes: Buffer, more: Record<string, unknown> = {}): Promise<Named> {
  const id = randomUUID();
  const sha256 = hashOf(bytes);
  const fields = { name: 'BOL 4711.pdf', kind: 'bol', recordCollection: 'orders', recordId: randomUUID(), expiresOn: '', ...more };
  const stored = document(id, { sha256, size: bytes.byteLength, mime: 'application/pdf', ...fields });
  const conflicts = await client.push('attachments', [insert(stored)]);
  if (conflicts.length > 0) throw new Error(`the record was refused: ${JSON.stringify(conflicts)}`);
  return { id, sha256: String(stored['sha256']), bytes, stored };
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body & Partial<ErrorAnswer>;
}
const answerOf = async <Body>(response: Response): Promise<Answer<Body>> => ({
  status: response.status,
  body: (await response.json()) as Body & Partial<ErrorAnswer>,
});
type Address = Pick<Named, 'id' | 'sha256'>;
export const download = (client: Client, { id, sha256 }: Address, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${client.url}/files/${id}/${sha256}`, { headers: { authorization: client.headers['authorization'] ?? '', ...headers } });
export const state = async (client: Client, { id, sha256 }: Address): Promise<Answer<UploadAnswer>> =>
  answerOf(await fetch(`${client.url}/files/${id}/${sha256}/upload`, { headers: client.headers }));
export const sendPart = async (client: Client, { id, sha256 }: Address, from: number, bytes: Uint8Array): Promise<Answer<UploadAnswer>> =>
  answerOf(
    await fetch(`${client.url}/files/${id}/${sha256}/upload?from=${from}`, {
      method: 'PATCH',
      headers: { ...client.headers, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    }),
  );
export async function sendAll(client: Client, file: Named, part = 100_000): Promise<Answer<UploadAnswer>> {
  let last: Answer<UploadAnswer> | undefined;
  for (let from = 0; from < file.bytes.byteLength; from += part) {
    last = await sendPart(client, file, from, file.bytes.subarray(from, from + part));
    if (last.status !== 200) return last;
  }
  if (!last) throw new Error('there was nothing to send');
  return last;
}
export const missing = async (client: Client, ids: readonly string[]): Promise<readonly string[]> => {
  const response = await fetch(`${client.url}/files/missing`, { method: 'POST', headers: client.headers, body: JSON.stringify({ ids }) });
  return ((await response.json()) as FilesMissingAnswer).missing;
};
