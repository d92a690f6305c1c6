/** What the server could not take as it was sent, for its author to decide. */
import './inbox.css';
import { Button, SegmentedControl } from '@mantine/core';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { nounOf } from '../../domain/registry.ts';
import { type Entry, outcomes } from '../data/inbox.ts';
import { Empty, Page } from '../ui/page.tsx';
import { useNamed } from '../ui/record-title.ts';
import { showInstant } from '../ui/show-value.ts';
import { ClashPanel } from './clash-panel.tsx';
import { DiscardButton } from './entry-actions.tsx';
import { kindWords } from './entry-words.ts';
import { RawContent } from './kept-content.tsx';
import { RefusalPanel } from './refusal-panel.tsx';
import { ENTRIES, useEntries, useEntry } from './use-inbox.ts';

const entryRoute = getRouteApi('/inbox/$id');

export const InboxScreen = () => <Inbox id={undefined} />;
export function InboxEntryScreen() {
  const { id } = entryRoute.useParams();
  return <Inbox id={id} />;
}

type Which = 'open' | 'resolved';
const isWhich = (value: string): value is Which => value === 'open' || value === 'resolved';

function Inbox({ id }: { readonly id: string | undefined }) {
  const [which, setWhich] = useState<Which>('open');
  const [most, setMost] = useState(ENTRIES);
  const { entries, total, ready } = useEntries(which, most);
  const chosen = id ?? entries[0]?.id;
  return (
    <Page title="Inbox" subtitle="Changes that the server could not take as they were sent, and that you decide about.">
      <div className="inbox">
        <div className="inbox-list panel">
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label="Which entries"
            data={[
              { value: 'open', label: 'Open' },
              { value: 'resolved', label: 'Resolved' },
            ]}
            value={which}
            onChange={(next) => isWhich(next) && setWhich(next)}
          />
          {ready && entries.length === 0 ? (
            <Empty>{which === 'open' ? 'Nothing to decide. Everything you wrote was taken.' : 'No entry has been resolved yet.'}</Empty>
          ) : (
            <ul aria-label={which === 'open' ? 'Open entries' : 'Resolved entries'}>
              {entries.map((entry) => (
                <EntryLink key={entry.id} entry={entry} chosen={entry.id === chosen} />
              ))}
            </ul>
          )}
          {total > entries.length ? (
            <div className="inbox-more">
              <Button variant="default" size="compact-xs" onClick={() => setMost(most + ENTRIES)}>
                Show {Math.min(ENTRIES, total - entries.length)} more of {(total - entries.length).toLocaleString('en-US')}
              </Button>
            </div>
          ) : null}
        </div>
        {chosen === undefined ? null : <EntryPanel key={chosen} id={chosen} />}
      </div>
    </Page>
  );
}

function EntryLink({ entry, chosen }: { readonly entry: Entry; readonly chosen: boolean }) {
  return (
    <li>
      <Link to="/inbox/$id" params={{ id: entry.id }} className="inbox-entry" aria-current={chosen ? 'true' : undefined}>
        <span className="inbox-entry-head">
          <strong>{entry.recordTitle === '' ? (nounOf(entry.collection)?.entity.label ?? 'Record') : entry.recordTitle}</strong>
          <span className="quiet nowrap">{showInstant(entry.at)}</span>
        </span>
        <span className="inbox-entry-title">
          <span className="tag" data-tone={entry.open ? 'warn' : undefined}>
            {kindWords[entry.kind]}
          </span>{' '}
          {entry.title}
        </span>
      </Link>
    </li>
  );
}

function EntryPanel({ id }: { readonly id: string }) {
  const { entry, ready } = useEntry(id);
  if (!ready) return null;
  if (!entry) {
    return (
      <section className="panel inbox-detail" aria-label="Entry">
        <Empty>This entry is not on this device, or it belongs to somebody else.</Empty>
      </section>
    );
  }
  return <EntryDetail entry={entry} />;
}

const outcomeOf = (outcome: string): string => (Object.hasOwn(outcomes, outcome) ? outcomes[outcome as keyof typeof outcomes] : outcome);

function EntryDetail({ entry }: { readonly entry: Entry }) {
  const noun = nounOf(entry.collection);
  const { kept } = entry;
  return (
    <section className="panel inbox-detail" aria-label="Entry">
      <h2>{entry.title}</h2>
      <p className="quiet">
        {noun ? <RecordLink entry={entry} label={noun.entity.label} /> : null}
        Kept {showInstant(entry.at)}
        {entry.open ? '' : `. Resolved ${showInstant(entry.doneAt)}: ${outcomeOf(entry.outcome)}`}
      </p>
      {entry.note === '' ? null : <p className="notice inbox-note">{entry.note}</p>}
      {!noun || !kept ? (
        <>
          <RawContent entry={entry} />
          {entry.open ? (
            <div className="inbox-actions">
              <DiscardButton entry={entry} />
            </div>
          ) : null}
        </>
      ) : entry.kind === 'clash' ? (
        <ClashPanel entry={entry} kept={kept} noun={noun} />
      ) : (
        <RefusalPanel entry={entry} kept={kept} noun={noun} />
      )}
    </section>
  );
}

function RecordLink({ entry, label }: { readonly entry: Entry; readonly label: string }) {
  const named = useNamed(entry.collection, entry.recordId);
  const title = named.to === undefined ? entry.recordTitle : named.title;
  return (
    <>
      {label}{' '}
      {named.to === undefined ? (
        title
      ) : (
        <Link to="/$face/$id" params={named.to}>
          {title}
        </Link>
      )}
      {'. '}
    </>
  );
}
