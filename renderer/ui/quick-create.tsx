/** A small window that makes a missing record without leaving the form that needs it. */
import { useMemo } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { Dialog } from './dialog.tsx';
import { RecordForm } from './record-form.tsx';
import type { FacedView } from './view-book.tsx';

export interface QuickCreateProps {
  readonly faced: FacedView;
  /** What was typed in the picker becomes the name. */
  readonly title: string;
  readonly where?: Readonly<Record<string, string>>;
  readonly onClose: () => void;
  readonly onCreated: (record: AnyDocument) => void;
}

/** What the reference asks of its target, as the start of a draft; sets get the value as their one item. */
function presetOf({ view, face }: FacedView, title: string, where: Readonly<Record<string, string>>): Record<string, unknown> {
  const { entity } = view.noun;
  const asked = Object.fromEntries(
    Object.entries(where).map(([key, value]) => [key, entity.fields[key]?.kind === 'set' ? [value] : value]),
  );
  return { ...face.preset, ...asked, ...(title === '' ? {} : { [entity.title]: title }) };
}

export function QuickCreate({ faced, title, where, onClose, onCreated }: QuickCreateProps) {
  const preset = useMemo(() => presetOf(faced, title, where ?? {}), [faced, title, where]);
  return (
    <Dialog onClose={onClose} title={`New ${faced.face.label.toLowerCase()}`} size="xl">
      <RecordForm
        faced={faced}
        preset={preset}
        quick
        onLeave={onClose}
        onSaved={(record) => {
          onCreated(record);
          onClose();
        }}
      />
    </Dialog>
  );
}
