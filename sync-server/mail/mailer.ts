/** Sends letters by SMTP. What is in them is letters.ts. */
import { createTransport } from 'nodemailer';
import type { Letter } from './letters.ts';

export interface Mailer {
  /** Rejects when the mail server does not take it. */
  send(to: string, letter: Letter): Promise<void>;
  close(): void;
}
export interface MailSettings {
  /** `smtps://user:password@host:465`, or `smtp://...` which has to offer TLS unless it is on this machine. */
  readonly smtpUrl: string;
  /** Sender: `Drover <drover@example.com>`. */
  readonly from: string;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const MS_MAX = 20_000;

export function openMailer({ smtpUrl, from }: MailSettings): Mailer {
  const isHere = LOOPBACK.has(new URL(smtpUrl).hostname);
  const transport = createTransport({
    url: smtpUrl,
    requireTLS: !isHere,
    // The link in the letter opens an account: it does not travel in the clear.
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: !isHere },
    connectionTimeout: MS_MAX,
    greetingTimeout: MS_MAX,
    socketTimeout: MS_MAX,
    // Nothing in a letter may name a file or an address for the mailer to read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(to, { subject, text }) {
      await transport.sendMail({ from, to, subject, text });
    },
    close: () => transport.close(),
  };
}

/** From DROVER_SMTP_URL and DROVER_MAIL_FROM; undefined when neither is set. */
export function mailSettingsFrom(environment: NodeJS.ProcessEnv): MailSettings | undefined {
  const { DROVER_SMTP_URL: smtpUrl = '', DROVER_MAIL_FROM: from = '' } = environment;
  if (smtpUrl === '' && from === '') return undefined;
  if (smtpUrl === '' || from === '') throw new Error('DROVER_SMTP_URL and DROVER_MAIL_FROM belong together: set both, or neither.');
  // The address itself may hold a password and stays out of the message.
  if (!/^smtps?:\/\/[^\s/]+$/u.test(smtpUrl) || !URL.canParse(smtpUrl))
    throw new Error('DROVER_SMTP_URL must look like smtps://user:password@mail.example.com:465.');
  if (/[\r\n]/u.test(from) || !from.includes('@'))
    throw new Error('DROVER_MAIL_FROM must be an address, such as Drover <drover@example.com>.');
  return { smtpUrl, from };
}
