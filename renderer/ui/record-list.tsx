/** The list of a face: its records, what to do with them, and the keys that belong to a list. */
import { useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { IconPlus } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import { mayNot } from '../../domain/access/locks.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { useRecords } from '../data/live.ts';
import { Page } from './page.tsx';
import { PermittedButton } from './permitted-button.tsx';
import { RecordGrid } from './record-grid.tsx';
import { useActor } from './use-submit.tsx';
import type { FacedView } from './view-book.tsx';
import { selectorOf } from './view.ts';

export interface RecordListProps {
  readonly faced: FacedView;
  /** Buttons beside "New". */
  readonly actions?: ReactNode;
}

/** Rows read first, so that a list of thousands shows at once while the rest is still coming. */
const FIRST_ROWS = 120;
const NOTHING = { id: '' };

/** All records of a face; until they are read, the first of them in the order of the list. */
function useQuickRecords(
  { view, face }: FacedView,
  selector: Readonly<Record<string, unknown>>,
): { readonly records: readonly AnyDocument[]; readonly total: number; readonly ready: boolean } {
  const { collection } = view.noun.entity;
  const all = useRecords(collection, { selector, includeInactive: true });
  const order = face.sort.descending === true ? 'desc' : 'asc';
  const first = useRecords(
    collection,
    all.ready ? { selector: NOTHING } : { selector, includeInactive: true, sort: [{ [face.sort.key]: order }], limit: FIRST_ROWS },
  );
  return all.ready ? all : first;
}

export function RecordList({ faced, actions }: RecordListProps) {
  const { view, face } = faced;
  const navigate = useNavigate();
  const selector = useMemo(() => selectorOf(face.where, view.noun.entity), [face, view]);
  const { records, total, ready } = useQuickRecords(faced, selector);
  const denied = mayNot(useActor().rights, view.noun.entity, 'create');
  const create = (): void => void (denied === undefined && navigate({ to: '/$face/new', params: { face: face.key } }));
  useHotkeys([
    ['mod+alt+N', create],
    ['N', create],
  ]);
  const fresh = (
    <PermittedButton denied={denied} leftSection={<IconPlus size={15} aria-hidden="true" />} onClick={create} title="N">
      New {face.label.toLowerCase()}
    </PermittedButton>
  );
  return (
    <Page
      title={face.labels}
      fixed
      actions={
        <>
          {actions}
          {fresh}
        </>
      }
    >
      <RecordGrid
        key={face.key}
        faced={faced}
        records={records}
        ready={ready}
        total={total}
        name={face.key}
        emptyAction={fresh}
        onOpen={(record: AnyDocument) => void navigate({ to: '/$face/$id', params: { face: face.key, id: record.id } })}
      />
    </Page>
  );
}
