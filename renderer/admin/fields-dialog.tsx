/** What a role may do with each field of one kind of record. A choice counts when the role is saved. */
import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Grant } from '../../domain/access/rights.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import { Dialog } from '../ui/dialog.tsx';
import { PlainTable } from '../ui/plain-table.tsx';
import { type FieldLine, fieldLines, settable, stateLabels, withState } from './role-fields.ts';

interface FieldsDialogProps {
  readonly entity: Entity;
  readonly grants: readonly Grant[];
  readonly disabled: boolean;
  readonly onChange: (grants: readonly Grant[]) => void;
  readonly onClose: () => void;
}

export function FieldsDialog({ entity, grants, disabled, onChange, onClose }: FieldsDialogProps) {
  const [typed, setTyped] = useState('');
  const lines = useMemo(() => fieldLines(grants, entity), [grants, entity]);
  const wanted = typed.trim().toLowerCase();
  const shown = lines.filter(({ label }) => label.toLowerCase().includes(wanted));
  return (
    <Dialog title={`Fields of ${entity.labels.toLowerCase()}`} size="lg" onClose={onClose}>
      <p className="quiet">
        What is hidden never reaches the devices of the people who have this role, and the history and exports leave it out. What gives an
        amount its meaning, such as its unit, goes with it.
      </p>
      <TextInput
        size="xs"
        label="Find a field"
        mb="xs"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
      <div className="role-fields" tabIndex={0} role="region" aria-label="Fields">
        <PlainTable columns={['Field', 'This role may']}>
          {shown.map((line) => (
            <tr key={line.path}>
              <td>{line.label}</td>
              <td>
                <StateChoice line={line} disabled={disabled} onChoose={(state) => onChange(withState(grants, entity, line.path, state))} />
              </td>
            </tr>
          ))}
        </PlainTable>
        {shown.length === 0 ? <p className="quiet">No field is called so.</p> : null}
      </div>
      <Group justify="flex-end" mt="md">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Dialog>
  );
}

interface StateChoiceProps {
  readonly line: FieldLine;
  readonly disabled: boolean;
  readonly onChoose: (state: (typeof settable)[number]) => void;
}
/** A choice only where there is something to choose. */
function StateChoice({ line: { label, state, offered }, disabled, onChoose }: StateChoiceProps) {
  if (offered.length < 2) return <span className="quiet">{stateLabels[state]}</span>;
  return (
    <NativeSelect
      size="xs"
      aria-label={`${label}: this role may`}
      disabled={disabled}
      value={state}
      data={offered.map((value) => ({ value, label: stateLabels[value] }))}
      onChange={(event) => {
        const chosen = settable.find((one) => one === event.currentTarget.value);
        if (chosen !== undefined) onChoose(chosen);
      }}
    />
  );
}
