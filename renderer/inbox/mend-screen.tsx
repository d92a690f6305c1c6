/** The form of a record, filled with what the server refused, for its author to correct and send again. */
import './inbox.css';
import { notifications } from '@mantine/notifications';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type Entry, type Kept, resolveEntry } from '../data/inbox.ts';
import { useDesk, useRecord } from '../data/live.ts';
import { entered, lostKeys } from '../data/set-aside.ts';
import { Empty, Page } from '../ui/page.tsx';
import { RecordForm } from '../ui/record-form.tsx';
import { useActor } from '../ui/use-submit.tsx';
import { type FacedView, useViewBook } from '../ui/view-book.tsx';
import { ProblemList } from './refusal-panel.tsx';
import { useEntry } from './use-inbox.ts';

const route = getRouteApi('/inbox/$id/mend');

const Trail = ({ id }: { readonly id: string }) => (
  <Link to="/inbox/$id" params={{ id }}>
    Inbox
  </Link>
);

export function MendScreen() {
  const { id } = route.useParams();
  const { entry, ready } = useEntry(id);
  const book = useViewBook();
  if (!ready) return <Page title="Mend">{null}</Page>;
  const faced = entry?.kept ? book.faceOf(entry.collection, entry.kept.mine) : undefined;
  if (!entry?.kept || !faced || !entry.open) {
    return (
      <Page title="Mend" trail={<Trail id={id} />}>
        <Empty>There is nothing to mend here: the entry was resolved, or it is not on this device.</Empty>
      </Page>
    );
  }
  return <MendForm entry={entry} kept={entry.kept} faced={faced} />;
}

interface MendFormProps {
  readonly entry: Entry;
  readonly kept: Kept;
  readonly faced: FacedView;
}

function MendForm({ entry, kept, faced }: MendFormProps) {
  const desk = useDesk();
  const actor = useActor();
  const navigate = useNavigate();
  const { entity } = faced.view.noun;
  const { record, deleted, ready } = useRecord(entry.collection, entry.recordId);
  const live = record && !deleted ? record : undefined;
  const mend = useMemo(() => {
    const { mine, base, problems } = kept;
    const keys = live ? lostKeys(entity, { mine, ...(base ? { base } : {}) }, live) : [];
    const values = Object.fromEntries(keys.map((key) => [key, mine[key]]));
    return { key: `mend/${entry.id}`, id: entry.recordId, values, problems };
  }, [entity, kept, live, entry.id, entry.recordId]);
  // What was removed for good comes back as a new record, with a number of its own.
  const isGone = entry.code === 'purged';
  const { series } = faced.view.noun;
  const preset = useMemo(() => {
    const values = entered(entity, kept.mine);
    return isGone ? Object.fromEntries(Object.entries(values).filter(([key]) => !series?.some(({ field }) => field === key))) : values;
  }, [entity, kept.mine, isGone, series]);
  const saved = async (document: AnyDocument): Promise<void> => {
    const result = await resolveEntry(desk, entry, 'resubmitted', actor);
    if (!result.ok)
      notifications.show({ color: 'red', title: 'The record is saved, but its entry stays open', message: result.rejection.message });
    const to = { face: faced.face.key, id: document.id };
    await navigate({ to: '/$face/$id', params: to, replace: true });
  };
  if (!ready) return <Page title="Mend">{null}</Page>;
  return (
    <Page title={`${isGone ? 'Save anew' : 'Mend'} ${entry.recordTitle || faced.face.label.toLowerCase()}`} trail={<Trail id={entry.id} />}>
      <div className="notice" data-tone="warn">
        <div>
          <strong>{entry.title}</strong>
          <ProblemList kept={kept} noun={faced.view.noun} />
        </div>
      </div>
      <RecordForm
        faced={faced}
        {...(live ? { record: live } : { preset })}
        {...(isGone ? {} : { mend })}
        onSaved={(document) => void saved(document)}
        onLeave={() => void navigate({ to: '/inbox/$id', params: { id: entry.id } })}
      />
    </Page>
  );
}
