/** How the server is. */
import { Button } from '@mantine/core';
import type { HealthAnswer } from '../../domain/protocol/admin.ts';
import { useAsked } from '../sync/ask.ts';
import { showInstant } from '../ui/show-value.ts';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isHealth } from './answers.ts';

const number = new Intl.NumberFormat('en-US');
const bytes = (count: number): string => {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log2(count) / 10));
  return `${new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 }).format(count / 2 ** (10 * step))} ${units[step] ?? ''}`;
};

export function HealthScreen() {
  const { asked, again } = useAsked('/admin/health', isHealth);
  return (
    <AdminFrame title="Health" actions={<Button onClick={again}>Look again</Button>}>
      <Answered asked={asked}>{(health) => <Facts health={health} />}</Answered>
    </AdminFrame>
  );
}

const DAY_MS = 86_400_000;
function anchorWorries(at: string, anchors: HealthAnswer['anchors']): string[] {
  if (anchors === null) return ["Anchors of the audit's seal stay on the server. Set DROVER_ANCHORS to keep them elsewhere."];
  if (anchors.problem !== null) return [`The last anchor of the audit's seal was not sent away: ${anchors.problem}`];
  const isLate = anchors.sentAt !== null && Date.parse(at) - Date.parse(anchors.sentAt) > 2 * DAY_MS;
  return isLate ? [`No anchor of the audit's seal was sent away since ${showInstant(anchors.sentAt ?? '')}.`] : [];
}
function anchorsText(anchors: HealthAnswer['anchors']): string {
  if (anchors === null) return 'Stay on the server';
  const when = anchors.sentAt === null ? 'none yet' : `last ${showInstant(anchors.sentAt)}`;
  return `${anchors.place === 'folder' ? 'To a folder elsewhere' : 'By mail'}, ${when}`;
}

/** What somebody should look after, in words. */
export function worries({ at, database, feed, mail, letters, publicUrl, files, anchors }: HealthAnswer): string[] {
  return [
    ...(feed.listening ? [] : ['The server does not hear of changes that other processes write; windows learn of them late.']),
    ...(feed.lagging
      ? [`The feed lags: it has told windows of ${number.format(feed.fanned)} of ${number.format(database.position)} changes.`]
      : []),
    ...(database.connections > database.connectionsMax * 0.8 ? ['Most connections of the database are in use.'] : []),
    ...(database.refusals > 0 ? [`${number.format(database.refusals)} refused changes are open.`] : []),
    ...(mail === null ? ['No letters are sent: whoever invites hands the link on. Set DROVER_SMTP_URL to change that.'] : []),
    ...(letters.refusedSince === null
      ? []
      : [`The mail server refuses a letter of ${showInstant(letters.refusedSince)}; it is tried again. The log says why.`]),
    ...(letters.lost > 0
      ? [
          `The mail server did not take in time ${letters.lost === 1 ? 'a letter' : `${number.format(letters.lost)} letters`}, last ${showInstant(letters.lastLostAt ?? '')}. The log says why; whoever waits for one asks for it again.`,
        ]
      : []),
    ...(publicUrl === '' ? ['The server does not know where people open the desk. Set DROVER_PUBLIC_URL.'] : []),
    ...anchorWorries(at, anchors),
    ...(files === null ? ['The server takes no files.'] : []),
    ...(files?.freeBytes !== null && files !== null && files.freeBytes < 2 ** 30 ? ['Less than a gigabyte is free for files.'] : []),
  ];
}

function Facts({ health }: { readonly health: HealthAnswer }) {
  const { database, feed, letters, files, anchors } = health;
  const said = worries(health);
  const facts: readonly (readonly [string, string])[] = [
    ['Server up since', showInstant(health.startedAt)],
    ['Node.js', health.node],
    ['Postgres', `${database.version}, up since ${showInstant(database.startedAt)}`],
    ['Size of the database', bytes(database.bytes)],
    ['Connections', `${database.connections} of ${database.connectionsMax}`],
    ['Feed', `${feed.lagging ? 'lags' : 'up to date'}, at change ${number.format(database.position)}`],
    [
      'Rows that wait for a record',
      database.waiting === 0 ? 'None' : `${number.format(database.waiting)}, the oldest since ${showInstant(database.waitingSince ?? '')}`,
    ],
    ['Sessions', number.format(database.sessions)],
    ['Letters', health.mail === null ? 'Not sent' : `By SMTP${letters.waiting === 0 ? '' : `, ${number.format(letters.waiting)} waiting`}`],
    ["Anchors of the audit's seal", anchorsText(anchors)],
    ['Sign-in through', health.oidc ?? 'Drover only'],
    [
      'Files',
      files === null
        ? 'Not taken'
        : `${files.driver === 'folder' ? 'In a folder' : 'In a bucket'}${files.freeBytes === null ? '' : `, ${bytes(files.freeBytes)} free`}`,
    ],
  ];
  return (
    <>
      <div className="notice" data-tone={said.length === 0 ? undefined : 'warn'} role="status">
        {said.length === 0 ? (
          <span>Nothing needs looking after, as of {showInstant(health.at)}.</span>
        ) : (
          <ul>
            {said.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        )}
      </div>
      <section className="panel admin-panel admin-facts" aria-label="Facts">
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name} className="facts-row">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
