/** What Drover writes to people: plain text, one link at most, and what to do when it was not meant for them. Pure. */

export interface Letter {
  readonly subject: string;
  readonly text: string;
}

const letter = (subject: string, ...paragraphs: readonly string[]): Letter => ({ subject, text: `${paragraphs.join('\n\n')}\n` });

export const invitation = (name: string, by: string, link: string, days: number): Letter =>
  letter(
    'Your Drover account',
    `Hello ${name},`,
    `${by} invites you to work with Drover. Choose your password here:`,
    link,
    `The link works once, within ${days} days. If you did not expect it, leave it: nothing happens without you.`,
  );

export const passwordReset = (name: string, link: string, minutes: number): Letter =>
  letter(
    'Choose a new Drover password',
    `Hello ${name},`,
    'Somebody, probably you, asked for a new password for your Drover account. Choose it here:',
    link,
    `The link works once, within ${minutes} minutes. If it was not you, leave it: your password stays as it is.`,
  );

export const secondFactorRemoved = (name: string, by: string): Letter =>
  letter(
    'The second factor of your Drover account was removed',
    `Hello ${name},`,
    `${by} has removed the authenticator app and the passkeys of your Drover account, because they were said to be lost. Every device was signed out.`,
    'If you did not ask for it, tell your administrator at once, and change your password.',
  );

export const passwordChanged = (name: string): Letter =>
  letter(
    'Your Drover password was changed',
    `Hello ${name},`,
    'The password of your Drover account was changed, and every other device was signed out.',
    'If it was not you, tell your administrator at once.',
  );
