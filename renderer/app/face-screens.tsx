/** The generic screens of a face, with what single nouns add to them. */
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { AttachmentCount, AttachmentPanel } from '../attachment/attachment-panel.tsx';
import { useRecord } from '../data/live.ts';
import { OrderSummary } from '../order/order.form.tsx';
import { OrderStanding } from '../order/order-standing.tsx';
import { copyOfOrder } from '../order/order-copy.ts';
import { useProfileStart } from '../profile/own-account.ts';
import { Empty, Page } from '../ui/page.tsx';
import { RecordList } from '../ui/record-list.tsx';
import { type ExtraTab, NewRecordPage, RecordPage } from '../ui/record-page.tsx';
import { type FacedView, useViewBook } from '../ui/view-book.tsx';

const listRoute = getRouteApi('/$face');
const newRoute = getRouteApi('/$face/new');
const recordRoute = getRouteApi('/$face/$id');

function NoSuchFace({ name }: { readonly name: string }) {
  return (
    <Page title="No such page">
      <Empty>There is no list called “{name}”. Choose one on the left.</Empty>
    </Page>
  );
}

/** Attachments hang on any record that people file papers for. */
const attachmentsOf = (collection: string): readonly ExtraTab[] => [
  {
    key: 'attachments',
    label: 'Attachments',
    count: (record) => <AttachmentCount recordId={record.id} />,
    panel: (record) => <AttachmentPanel recordCollection={collection} record={record} />,
  },
];

const ORDER_PARTS = { summary: <OrderSummary />, panel: { after: 'purchases', show: OrderStanding } };
const isOrder = ({ view }: FacedView): boolean => view.noun.entity.collection === 'orders';

export function FaceListScreen() {
  const { face } = listRoute.useParams();
  const faced = useViewBook().face(face);
  return faced ? <RecordList key={face} faced={faced} /> : <NoSuchFace name={face} />;
}

export function FaceNewScreen() {
  const { face } = newRoute.useParams();
  const { preset, copy } = newRoute.useSearch();
  const faced = useViewBook().face(face);
  if (!faced) return <NoSuchFace name={face} />;
  if (faced.view.noun.entity.collection === 'profiles') return <NewProfileScreen faced={faced} />;
  return copy === undefined ? (
    <NewRecordPage key={face} faced={faced} preset={preset ?? NO_PRESET} {...(isOrder(faced) ? ORDER_PARTS : {})} />
  ) : (
    <CopyScreen key={copy} faced={faced} source={copy} />
  );
}
const NO_PRESET = {};

function NewProfileScreen({ faced }: { readonly faced: FacedView }) {
  const start = useProfileStart();
  return start === undefined ? (
    <Page title={`New ${faced.face.label.toLowerCase()}`}>{null}</Page>
  ) : (
    <NewRecordPage faced={faced} preset={start} />
  );
}

function CopyScreen({ faced, source }: { readonly faced: FacedView; readonly source: string }) {
  const { record, ready } = useRecord(faced.view.noun.entity.collection, source);
  const preset = useMemo(() => (record ? copyOfOrder(record) : NO_PRESET), [record]);
  if (!ready) return <Page title={`New ${faced.face.label.toLowerCase()}`}>{null}</Page>;
  return <NewRecordPage faced={faced} preset={preset} {...(isOrder(faced) ? ORDER_PARTS : {})} />;
}

export function FaceRecordScreen() {
  const { face, id } = recordRoute.useParams();
  const { tab } = recordRoute.useSearch();
  const faced = useViewBook().face(face);
  const collection = faced?.view.noun.entity.collection;
  const extraTabs = useMemo(() => (collection === undefined ? [] : attachmentsOf(collection)), [collection]);
  if (!faced) return <NoSuchFace name={face} />;
  return (
    <RecordPage
      key={id}
      faced={faced}
      id={id}
      tab={tab ?? 'details'}
      extraTabs={extraTabs}
      {...(isOrder(faced) ? { ...ORDER_PARTS, copyOf: copyOfOrder } : {})}
    />
  );
}
