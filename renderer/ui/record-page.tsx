/** A record's page is a hub: its details, what points at it, its files and its history. */
import { Tabs } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { Link, useNavigate, useRouter } from '@tanstack/react-router';
import { IconCopy, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { mayNot } from '../../domain/access/locks.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Draft } from '../../domain/record/record.commands.ts';
import { useRecord, useRecords } from '../data/live.ts';
import { useIsWaiting } from '../sync/connection.ts';
import { useDeleteRecord } from './delete-record.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { Empty, Page } from './page.tsx';
import { PermittedButton } from './permitted-button.tsx';
import { RecordForm, type RecordFormProps } from './record-form.tsx';
import { RelatedList, useTabRecords } from './related-list.tsx';
import { useActor, useSubmit } from './use-submit.tsx';
import type { FacedView } from './view-book.tsx';
import { type HubTab, titleOf } from './view.ts';

/** A tab that a noun adds to its hub, such as attachments. */
export interface ExtraTab {
  readonly key: string;
  readonly label: string;
  readonly count: (record: AnyDocument) => ReactNode;
  readonly panel: (record: AnyDocument) => ReactNode;
}

export interface RecordPageProps {
  readonly faced: FacedView;
  readonly id: string;
  readonly tab: string;
  readonly extraTabs?: readonly ExtraTab[];
  readonly summary?: ReactNode;
  readonly panel?: RecordFormProps['panel'];
  /** The draft of a copy; absent where copying makes no sense. */
  readonly copyOf?: (record: AnyDocument) => Draft;
}

const ListTrail = ({ faced }: { readonly faced: FacedView }) => (
  <Link to="/$face" params={{ face: faced.face.key }}>
    {faced.face.labels}
  </Link>
);

export function RecordPage(props: RecordPageProps) {
  const { faced, id } = props;
  const { record, deleted, ready } = useRecord(faced.view.noun.entity.collection, id);
  if (!ready) return <Page title={faced.face.label}>{null}</Page>;
  if (!record) {
    return (
      <Page title={`${faced.face.label} not found`} trail={<ListTrail faced={faced} />}>
        <Empty>This record is not on this device. It may arrive with the next sync, or its address is wrong.</Empty>
      </Page>
    );
  }
  return deleted ? <DeletedPage faced={faced} record={record} /> : <LivePage {...props} record={record} />;
}

function DeletedPage({ faced, record }: { readonly faced: FacedView; readonly record: AnyDocument }) {
  const submit = useSubmit();
  const denied = mayNot(useActor().rights, faced.view.noun.entity, 'restore', record);
  const restore = async (): Promise<void> => {
    const result = await submit({ collection: faced.view.noun.entity.collection, command: 'restore', id: record.id });
    if (!result.ok) notifications.show({ color: 'red', title: 'Not restored', message: result.rejection.message });
  };
  return (
    <Page
      title={titleOf(faced.view, record)}
      trail={<ListTrail faced={faced} />}
      badge={
        <span className="tag" data-tone="warn">
          Deleted
        </span>
      }
      actions={
        <PermittedButton denied={denied} onClick={() => void restore()}>
          Restore
        </PermittedButton>
      }
    >
      <Empty>This {faced.face.label.toLowerCase()} was deleted. Its content is kept; restore it to go on working with it.</Empty>
    </Page>
  );
}

function LivePage({ faced, record, tab, extraTabs = [], summary, panel, copyOf }: RecordPageProps & { readonly record: AnyDocument }) {
  const { view, face } = faced;
  const navigate = useNavigate();
  const hub = face.hub ?? [];
  const goList = (): void => void navigate({ to: '/$face', params: { face: face.key } });
  return (
    <Page
      title={titleOf(view, record)}
      subtitle={view.subtitle(record)}
      trail={<ListTrail faced={faced} />}
      badge={<RecordBadges collection={view.noun.entity.collection} record={record} />}
      actions={<RecordActions faced={faced} record={record} copies={copyOf !== undefined} onGone={goList} />}
    >
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({
            to: '/$face/$id',
            params: { face: face.key, id: record.id },
            search: next === null || next === 'details' ? {} : { tab: next },
            replace: true,
          })
        }
      >
        <Tabs.List mb={10} aria-label={`Parts of ${titleOf(view, record)}`}>
          <Tabs.Tab value="details">Details</Tabs.Tab>
          {hub.map((one) => (
            <Tabs.Tab key={tabKey(one)} value={tabKey(one)}>
              {one.label} <TabCount parent={record} tab={one} />
            </Tabs.Tab>
          ))}
          {extraTabs.map((one) => (
            <Tabs.Tab key={one.key} value={one.key}>
              {one.label} {one.count(record)}
            </Tabs.Tab>
          ))}
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="details" keepMounted>
          <RecordForm
            faced={faced}
            record={record}
            summary={summary}
            {...(panel ? { panel } : {})}
            {...(panel ? { panel } : {})}
            onLeave={goList}
            onSaved={NOTHING_MORE}
          />
        </Tabs.Panel>
        {hub.map((one) => (
          <Tabs.Panel key={tabKey(one)} value={tabKey(one)}>
            <RelatedList parent={record} tab={one} />
          </Tabs.Panel>
        ))}
        {extraTabs.map((one) => (
          <Tabs.Panel key={one.key} value={one.key}>
            {one.panel(record)}
          </Tabs.Panel>
        ))}
        <Tabs.Panel value="history">
          <HistoryPanel view={view} record={record} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function RecordBadges({ collection, record }: { readonly collection: string; readonly record: AnyDocument }) {
  const waiting = useIsWaiting(collection, record.id);
  return (
    <>
      {record.status === 'inactive' ? <span className="tag">Inactive</span> : null}
      <NotAccepted collection={collection} id={record.id} />
      {waiting ? (
        <span className="tag" data-tone="warn">
          Not sent yet
        </span>
      ) : null}
    </>
  );
}

/** The server has refused what this device shows, perhaps days later, such as when a record that it refers to never came. */
function NotAccepted({ collection, id }: { readonly collection: string; readonly id: string }) {
  const { userId } = useActor();
  const refusal = { kind: 'refusal', recordCollection: collection, recordId: id, assignedTo: userId, done: { $ne: true } };
  const { records } = useRecords('activities', { selector: refusal, includeInactive: true, limit: 1 });
  const [entry] = records;
  return entry ? (
    <Link to="/inbox/$id" params={{ id: entry.id }} className="tag" data-tone="bad">
      Not accepted: see the inbox
    </Link>
  ) : null;
}

interface RecordActionsProps {
  readonly faced: FacedView;
  readonly record: AnyDocument;
  readonly copies: boolean;
  /** The record was deleted and its page is still open. */
  readonly onGone: () => void;
}

function RecordActions({ faced, record, copies, onGone }: RecordActionsProps) {
  const navigate = useNavigate();
  const router = useRouter();
  const remove = useDeleteRecord();
  const { rights } = useActor();
  const { entity } = faced.view.noun;
  const noCopy = mayNot(rights, entity, 'create');
  const copy = (): void => void navigate({ to: '/$face/new', params: { face: faced.face.key }, search: { copy: record.id } });
  // Also while a field has the keyboard; inside a line the same key duplicates the line.
  useHotkeys(copies && noCopy === undefined ? [['mod+D', copy]] : [], []);
  return (
    <>
      {copies ? (
        <PermittedButton
          denied={noCopy}
          variant="default"
          leftSection={<IconCopy size={15} aria-hidden="true" />}
          title="Ctrl+D"
          onClick={copy}
        >
          Duplicate
        </PermittedButton>
      ) : null}
      <PermittedButton
        denied={mayNot(rights, entity, 'delete', record)}
        variant="default"
        leftSection={<IconTrash size={15} aria-hidden="true" />}
        onClick={() =>
          void remove(faced, record).then((deleted) => deleted && router.state.location.pathname.endsWith(record.id) && onGone())
        }
      >
        Delete
      </PermittedButton>
    </>
  );
}

/** The bar of the form says that it is saved. */
const NOTHING_MORE = (): void => undefined;

const tabKey = (tab: HubTab): string => `${tab.face}.${tab.field}`;

function TabCount({ parent, tab }: { readonly parent: AnyDocument; readonly tab: HubTab }) {
  const { records, ready } = useTabRecords(parent, tab);
  return ready ? <span className="tab-count">{records.length}</span> : null;
}

export interface NewRecordPageProps {
  readonly faced: FacedView;
  readonly preset: Draft;
  readonly summary?: ReactNode;
  readonly panel?: RecordFormProps['panel'];
}

export function NewRecordPage({ faced, preset, summary, panel }: NewRecordPageProps) {
  const navigate = useNavigate();
  const { face } = faced;
  return (
    <Page title={`New ${face.label.toLowerCase()}`} trail={<ListTrail faced={faced} />}>
      <RecordForm
        faced={faced}
        preset={preset}
        summary={summary}
        {...(panel ? { panel } : {})}
        onLeave={() => void navigate({ to: '/$face', params: { face: face.key } })}
        onSaved={(record) => void navigate({ to: '/$face/$id', params: { face: face.key, id: record.id }, replace: true })}
      />
    </Page>
  );
}
