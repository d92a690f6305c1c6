/** Which desks somebody belongs to, and which of them new records go to. */
import { Checkbox, Radio } from '@mantine/core';
import type { DeskLine } from '../../domain/protocol/admin.ts';

interface DeskChoiceProps {
  readonly desks: readonly DeskLine[];
  /** The first is the home. */
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  readonly error?: string;
}

export function DeskChoice({ desks, chosen, onChange, error }: DeskChoiceProps) {
  const shown = desks.filter(({ id, closedAt }) => closedAt === null || chosen.includes(id));
  const toggle = (id: string, on: boolean): void => onChange(on ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <fieldset className="admin-fieldset">
      <legend>Desks</legend>
      {shown.map(({ id, name, closedAt }) => (
        <div key={id} className="desk-choice">
          <Checkbox
            label={closedAt === null ? name : `${name} (closed)`}
            checked={chosen.includes(id)}
            onChange={(event) => toggle(id, event.currentTarget.checked)}
          />
          {chosen.includes(id) && chosen.length > 1 ? (
            <Radio
              size="xs"
              name="home"
              label="new records belong here"
              aria-label={`New records belong to ${name}`}
              checked={chosen[0] === id}
              onChange={() => onChange([id, ...chosen.filter((one) => one !== id)])}
            />
          ) : null}
        </div>
      ))}
      {error === undefined ? null : (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
