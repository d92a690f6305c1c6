/** The sync state machine, whole: from every phase, what every event leads to. Pure. */

export type SyncPhase = 'offline' | 'connecting' | 'catching_up' | 'live' | 'forced_offline' | 'signed_out' | 'outdated' | 'error';
export type SyncEvent =
  /** The retry is due, the network is back, or the user asks for it. */
  | 'try'
  /** The live connection stands. */
  | 'opened'
  /** Every collection has everything that the server had at this moment. */
  | 'caught_up'
  /** No answer, or "come back later". */
  | 'lost'
  /** The sign-in has ended. */
  | 'denied'
  | 'signed_in'
  /** The server says that this window is too old. */
  | 'outdated'
  /** One collection is refused in a way that waiting will probably not mend; the others go on. */
  | 'stuck'
  | 'unstuck'
  /** The user's own switch. */
  | 'force_offline'
  | 'release';

type Row = Readonly<Record<SyncEvent, SyncPhase>>;
const connected = {
  lost: 'offline',
  denied: 'signed_out',
  outdated: 'outdated',
  force_offline: 'forced_offline',
  release: 'connecting',
} as const;
/** Nothing but one way out leads away from these. */
const resting = (phase: SyncPhase, out: Partial<Row>): Row => ({
  try: phase,
  opened: phase,
  caught_up: phase,
  lost: phase,
  denied: phase,
  signed_in: phase,
  outdated: phase,
  stuck: phase,
  unstuck: phase,
  force_offline: 'forced_offline',
  release: phase,
  ...out,
});

const table: Readonly<Record<SyncPhase, Row>> = {
  offline: resting('offline', { try: 'connecting', denied: 'signed_out', signed_in: 'connecting', outdated: 'outdated' }),
  connecting: {
    ...connected,
    try: 'connecting',
    opened: 'catching_up',
    caught_up: 'connecting',
    signed_in: 'connecting',
    stuck: 'connecting',
    unstuck: 'connecting',
    release: 'connecting',
  },
  catching_up: {
    ...connected,
    try: 'catching_up',
    opened: 'catching_up',
    caught_up: 'live',
    signed_in: 'catching_up',
    stuck: 'error',
    unstuck: 'catching_up',
    release: 'catching_up',
  },
  live: {
    ...connected,
    try: 'live',
    opened: 'live',
    caught_up: 'live',
    signed_in: 'live',
    stuck: 'error',
    unstuck: 'live',
    release: 'live',
  },
  // The others go on in `error`: the connection stays, and the stuck collection tries again by itself.
  error: {
    ...connected,
    try: 'connecting',
    opened: 'catching_up',
    caught_up: 'error',
    signed_in: 'connecting',
    stuck: 'error',
    unstuck: 'catching_up',
    release: 'error',
  },
  forced_offline: resting('forced_offline', { release: 'connecting' }),
  signed_out: resting('signed_out', { signed_in: 'connecting' }),
  // Only a new window knows more than this one did; the user may still try, after a server was set right.
  outdated: resting('outdated', { try: 'connecting' }),
};

export const nextPhase = (phase: SyncPhase, event: SyncEvent): SyncPhase => table[phase][event];

/** Phases in which requests may go out. */
export const isOnline = (phase: SyncPhase): boolean => phase === 'catching_up' || phase === 'live' || phase === 'error';

/** Milliseconds before try number `attempt` (0, 1, ...): 1 s doubling to 60 s, each a random half to whole of it so that desks do not come back together. */
export const backoff = (attempt: number, random: number): number => Math.min(60_000, 1000 * 2 ** Math.min(attempt, 6)) * (0.5 + random / 2);
