/** What every field control is given. A control shows one value of one kind and knows nothing of its form. */
import type { FunctionComponent } from 'react';
import type { Field, Fields } from '../../domain/entity/field.ts';

export type Cells = Readonly<Record<string, FunctionComponent<ControlProps>>>;

export interface ControlProps {
  readonly field: Field;
  /** Path in the document: `name`, `address.city`, `lines.0.price`; problems carry the same path. */
  readonly path: string;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  /** Sets several fields of the same group or line at once: a price typed as `270.50/cwt` also sets its unit. */
  readonly onPatch: (patch: Readonly<Record<string, unknown>>) => void;
  /** The values of the group, line or record that the field stands in. */
  readonly around: Readonly<Record<string, unknown>>;
  /** In a table cell: the label is spoken, not shown. */
  readonly bare: boolean;
  /** The fields of that group or line; a unit is only set where there is a field for it. */
  readonly siblings?: Fields;
  readonly readOnly: boolean;
  /** From the view's placement: columns of a lines table, decimals and unit of a whole number. */
  readonly columns?: readonly string[];
  /** lines: controls of single fields of a line, in place of those of their kinds. */
  readonly cells?: Cells;
  readonly scale?: number;
  readonly unit?: string;
}

/**
 * Label props of a Mantine input: visible in a form, spoken only in a table cell. The mark of a required field is drawn by
 * the style sheet, so that the label reads and is found by its plain text.
 */
export function labelProps(
  field: Field,
  bare: boolean,
): {
  readonly label?: string;
  readonly 'aria-label'?: string;
  readonly labelProps?: { readonly 'data-required'?: true };
  readonly 'aria-required'?: true;
} {
  if (bare) return { 'aria-label': field.label };
  return field.required && !field.numbered
    ? { label: field.label, labelProps: { 'data-required': true }, 'aria-required': true }
    : { label: field.label };
}
