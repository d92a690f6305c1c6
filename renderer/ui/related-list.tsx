/** A tab of a hub: the records of another face that point at this one, and "New" that starts with the link set. */
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { IconPlus } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { useRelated } from '../data/live.ts';
import { RecordGrid } from './record-grid.tsx';
import { type FacedView, useViewBook } from './view-book.tsx';
import { type HubTab, isOfFace } from './view.ts';

export interface RelatedListProps {
  readonly parent: AnyDocument;
  readonly tab: HubTab;
}

export function useTabFace(tab: HubTab): FacedView {
  const faced = useViewBook().face(tab.face);
  if (!faced) throw new Error(`a hub tab names the face ${tab.face}, which no view has`);
  return faced;
}

/** The related records of a tab; plants and other locations share a field, so the face decides too. */
export function useTabRecords(parent: AnyDocument, tab: HubTab): { readonly records: readonly AnyDocument[]; readonly ready: boolean } {
  const { view, face } = useTabFace(tab);
  const { records, ready } = useRelated(view.noun.entity.collection, tab.field, parent.id);
  return useMemo(() => ({ records: records.filter((record) => isOfFace(face, record)), ready }), [records, ready, face]);
}

export function RelatedList({ parent, tab }: RelatedListProps) {
  const faced = useTabFace(tab);
  const navigate = useNavigate();
  const { records, ready } = useTabRecords(parent, tab);
  const { view, face } = faced;
  const many = view.noun.entity.fields[tab.field]?.kind === 'refs';
  const without = useMemo(() => [tab.field], [tab.field]);
  const fresh = (
    <Button
      leftSection={<IconPlus size={15} aria-hidden="true" />}
      onClick={() =>
        void navigate({ to: '/$face/new', params: { face: face.key }, search: { preset: { [tab.field]: many ? [parent.id] : parent.id } } })
      }
    >
      New {face.label.toLowerCase()}
    </Button>
  );
  return (
    <RecordGrid
      faced={faced}
      records={records}
      ready={ready}
      name={`${tab.face}.${tab.field}`}
      without={without}
      compact
      actions={fresh}
      onOpen={(record) => void navigate({ to: '/$face/$id', params: { face: face.key, id: record.id } })}
    />
  );
}
