/** What administration asks and is told, over /admin and on the command line. */

/** An account. `desks`: the first is the one that new records belong to. Times in ISO 8601. */
export interface UserLine {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly desks: readonly string[];
  /** `invited`: has never come. */
  readonly state: 'active' | 'invited' | 'disabled';
  readonly createdAt: string;
  /** While an invitation can be used. */
  readonly invitedUntil: string | null;
  readonly lastSeen: string | null;
  /** On how many devices somebody is signed in. */
  readonly devices: number;
  /** An authenticator app or a passkey. */
  readonly secondFactor: boolean;
}
