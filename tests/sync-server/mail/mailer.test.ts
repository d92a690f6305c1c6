import { describe, expect, test } from 'vitest';
import { mailSettingsFrom, openMailer } from '../../../sync-server/mail/mailer.ts';
import { settingsFrom } from '../../../sync-server/server.ts';
import { openPostBox } from '../post-box.ts';

describe('the settings of mail', () => {
  const from = 'Drover <drover@example.com>';
  test.each([
    [{ DROVER_SMTP_URL: 'smtp://mail.example.com:25' }, 'belong together'],
    [{ DROVER_MAIL_FROM: from }, 'belong together'],
    [{ DROVER_SMTP_URL: 'mail.example.com', DROVER_MAIL_FROM: from }, 'DROVER_SMTP_URL must look like'],
    [{ DROVER_SMTP_URL: 'smtp://user:hunter2@ mail', DROVER_MAIL_FROM: from }, 'DROVER_SMTP_URL must look like'],
    [{ DROVER_SMTP_URL: 'smtp://mail.example.com', DROVER_MAIL_FROM: 'Drover' }, 'DROVER_MAIL_FROM must be an address'],
  ])('%j are refused in words', (environment, words) => {
    expect(() => mailSettingsFrom(environment)).toThrow(words);
    expect(() => mailSettingsFrom(environment)).not.toThrow('hunter2');
  });

  test('need the address of the desk, which must be an origin', () => {
    const mail = { DATABASE_URL: 'postgres://x', DROVER_SMTP_URL: 'smtp://127.0.0.1:25', DROVER_MAIL_FROM: from };
    expect(() => settingsFrom(mail)).toThrow('DROVER_PUBLIC_URL');
    for (const url of ['desk.example.com', 'ftp://desk.example.com', 'https://desk.example.com/desk', 'https://desk.example.com/?a'])
      expect(() => settingsFrom({ ...mail, DROVER_PUBLIC_URL: url })).toThrow('DROVER_PUBLIC_URL must be');
    expect(settingsFrom({ ...mail, DROVER_PUBLIC_URL: 'https://desk.example.com/' })).toMatchObject({
      publicUrl: 'https://desk.example.com',
      mail: { from },
    });
  });
});

test('a letter to another machine is not sent in the clear', async () => {
  // Of this machine, and no name that the mailer knows for it.
  const box = await openPostBox('127.0.0.2');
  const mailer = openMailer({ smtpUrl: box.url, from: 'drover@example.com' });
  await expect(mailer.send('a@drover.example', { subject: 'S', text: 'T' })).rejects.toThrow(/TLS/);
  expect(box.letters).toEqual([]);
  mailer.close();
  await box.close();
});
