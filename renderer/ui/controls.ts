/** One control per kind of field. A new kind without a control does not compile. */
import { type Controls } from './field-control.tsx';
import { DateControl, InstantControl } from './date-controls.tsx';
import { GroupControl } from './group-control.tsx';
import { LinesControl } from './lines-control.tsx';
import { NumberControl } from './number-control.tsx';
import { RefControl, RefsControl } from './ref-control.tsx';
import { ChoiceControl, FlagControl, SetControl, TextControl } from './text-controls.tsx';

export const controls: Controls = {
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
