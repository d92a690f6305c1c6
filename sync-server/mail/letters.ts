/** What Drover writes to people: plain text, one link at most, and what to do when it was not meant for them. Pure. */

export interface Letter {
  readonly subject: string;
  readonly text: string;
}

const letter = (subject: string, ...paragraphs: readonly string[]): Letter => ({ subject, text: `${paragraphs.join('\n\n')}\n` });

const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

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

/** To be kept by somebody who has neither the database nor the key. */
export const anchorLetter = (line: string): Letter =>
  letter(
    "Drover: anchor of the audit's seal",
    'Keep this letter. Its line tells which block of the audit was the newest when it was sent:',
    line,
    'Saved as a file, "drover audit verify --anchor <file>" holds the audit against it.',
  );

/** Goes to the new address, which nobody has shown yet to be the person's own. */
export const emailToConfirm = (name: string, link: string, hours: number): Letter =>
  letter(
    'Confirm the e-mail address of your Drover account',
    `Hello ${name},`,
    'This address was given as the new one of your Drover account. Confirm it here:',
    link,
    `The link works once, within ${hours} hours. If you do not expect it, leave it: nothing changes without you.`,
  );

/** Instead of the letter above, to whoever has an account with that address: only they may know that they have one. */
export const emailHasAccount = (): Letter =>
  letter(
    'Your e-mail address was given for another Drover account',
    'Hello,',
    'Somebody wanted to use this address for another Drover account. That is not possible, because it belongs to yours, and nothing has changed.',
    'If it was you, sign in with this address, or have the address of your other account changed to a different one. If not, there is nothing to do.',
  );

/** Goes to the address that still counts. `by`: who asked for it, where it was somebody else. */
export const emailChangeAsked = (name: string, email: string, by: string | undefined, link: string, hours: number): Letter =>
  letter(
    'A new e-mail address for your Drover account',
    `Hello ${name},`,
    `${by ?? 'Somebody, probably you,'} asked to change the e-mail address of your Drover account to ${email}. It changes as soon as it is confirmed there.`,
    'If that is not right, stop it here, choose a new password, and tell your administrator:',
    link,
    `The link works for ${hours} hours, until the new address is confirmed.`,
  );

export const emailChanged = (name: string, email: string, at: Date): Letter =>
  letter(
    'The e-mail address of your Drover account was changed',
    `Hello ${name},`,
    `The e-mail address of your Drover account was changed to ${email} on ${moment.format(at)} UTC. Letters go there from now on, and you sign in with it.`,
    'If that is not right, tell your administrator at once: every device can be signed out and the address changed back.',
  );

export const secondFactorRemoved = (name: string, by: string): Letter =>
  letter(
    'The second factor of your Drover account was removed',
    `Hello ${name},`,
    `${by} has removed the authenticator app and the passkeys of your Drover account, because they were said to be lost. Every device was signed out.`,
    'If you did not ask for it, tell your administrator at once, and change your password.',
  );

const changes = {
  password_changed: 'The password of your Drover account was changed',
  totp_enabled: 'An authenticator app was added to your Drover account',
  totp_disabled: 'The authenticator app was removed from your Drover account',
  recovery_codes_renewed: 'New recovery codes were made for your Drover account',
  passkey_added: 'A passkey was added to your Drover account',
  passkey_removed: 'A passkey was removed from your Drover account',
} as const;
/** What people change of the way in which they sign in. */
export type SignInChange = keyof typeof changes;

/** Names no device and no key, which whoever did it may have named. */
export const signInChanged = (name: string, change: SignInChange, at: Date): Letter =>
  letter(
    changes[change],
    `Hello ${name},`,
    `${changes[change]} on ${moment.format(at)} UTC, and every other device was signed out.`,
    'If it was you, there is nothing to do.',
    'If it was not you, tell your administrator at once: every device can be signed out and every second factor removed. Then choose a new password.',
  );
