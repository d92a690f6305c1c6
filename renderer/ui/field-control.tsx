/** One control per kind of field. A new kind without a control does not compile. */
import type { FunctionComponent } from 'react';
import type { Field, FieldKind } from '../../domain/entity/field.ts';
import type { ControlProps } from './control.ts';
import { DateControl, InstantControl } from './date-controls.tsx';
import { GroupControl } from './group-control.tsx';
import { LinesControl } from './lines-control.tsx';
import { NumberControl } from './number-control.tsx';
import { RefControl, RefsControl } from './ref-control.tsx';
import { ChoiceControl, FlagControl, SetControl, TextControl } from './text-controls.tsx';

const controls: Record<FieldKind, FunctionComponent<ControlProps>> = {
  text: TextControl,
  choice: ChoiceControl,
  set: SetControl,
  flag: FlagControl,
  integer: NumberControl,
  cents: NumberControl,
  price: NumberControl,
  weight: NumberControl,
  percent: NumberControl,
  date: DateControl,
  instant: InstantControl,
  ref: RefControl,
  refs: RefsControl,
  group: GroupControl,
  lines: LinesControl,
};

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

export function FieldControl(props: ControlProps) {
  const Control = controls[props.field.kind];
  return <Control {...props} readOnly={props.readOnly || props.field.computed} />;
}
