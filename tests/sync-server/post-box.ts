/** A real SMTP server in this process that keeps what it is sent. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Delivered {
  readonly to: readonly string[];
  readonly headers: string;
  /** Decoded from quoted-printable, lines joined again. */
  readonly text: string;
}
export interface PostBox {
  readonly url: string;
  readonly letters: Delivered[];
  /** Refuses every letter from now on, or no longer. */
  refuse(on: boolean): void;
  /** How many it has refused. */
  refused(): number;
  close(): Promise<void>;
}

function decoded(body: string, headers: string): string {
  if (!/content-transfer-encoding: quoted-printable/i.test(headers)) return body;
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export async function openPostBox(host = '127.0.0.1'): Promise<PostBox> {
  const letters: Delivered[] = [];
  let refusing = false;
  let refused = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo(_address, _session, answer) {
      if (refusing) refused += 1;
      answer(refusing ? new Error('no such mailbox') : null);
    },
    onData(stream, session, answer) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const [headers = '', ...body] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n');
        letters.push({ to: session.envelope.rcptTo.map(({ address }) => address), headers, text: decoded(body.join('\r\n\r\n'), headers) });
        answer(null);
      });
    },
  });
  const listening = server.listen(0, host);
  await once(listening, 'listening');
  return {
    url: `smtp://${host}:${(listening.address() as AddressInfo).port}`,
    letters,
    refuse(on) {
      refusing = on;
    },
    refused: () => refused,
    close: () => new Promise((done) => server.close(() => done())),
  };
}

/** The one link in a letter. */
export function linkIn({ text }: Delivered): string {
  const links = text.match(/https?:\/\/\S+/g) ?? [];
  if (links.length !== 1 || links[0] === undefined) throw new Error(`expected one link in: ${text}`);
  return links[0];
}
