/**
 * The control of a field, looked up by its kind. The table itself (controls.ts) is handed down by the window, because some
 * controls hold fields of their own: groups, lines, the small form behind a picker.
 */
import { type FunctionComponent, createContext, use } from 'react';
import type { Field, FieldKind } from '../../domain/entity/field.ts';
import type { ControlProps } from './control.ts';
import { useFieldLock } from './locks.ts';

export type Controls = Readonly<Record<FieldKind, FunctionComponent<ControlProps>>>;
export const ControlsContext = createContext<Controls | undefined>(undefined);

/** Columns of twelve that a kind takes when the view says nothing. */
export const spans: Record<FieldKind, number> = {
  text: 4,
  choice: 3,
  set: 4,
  flag: 3,
  integer: 2,
  cents: 2,
  price: 2,
  weight: 2,
  percent: 2,
  date: 2,
  instant: 3,
  ref: 4,
  refs: 6,
  group: 12,
  lines: 12,
};
export const spanOf = (field: Field): number => (field.kind === 'text' && field.long === true ? 6 : spans[field.kind]);

export interface FieldControlProps extends ControlProps {
  /** In place of the control of the field's kind. */
  readonly control?: FunctionComponent<ControlProps>;
}

export function FieldControl({ control, ...props }: FieldControlProps) {
  const controls = use(ControlsContext);
  if (!controls) throw new Error('a field needs the controls of the window around it');
  const Control = control ?? controls[props.field.kind];
  const lock = useFieldLock(props.path);
  if (!lock) return <Control {...props} readOnly={props.readOnly || props.field.computed} />;
  return (
    <div className="field-locked" title={lock.reason}>
      <Control {...props} readOnly />
      {lock.hidden && !props.bare ? <div className="quiet">Your role does not show this.</div> : null}
    </div>
  );
}
