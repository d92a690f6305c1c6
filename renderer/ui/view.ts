/**
 * How a noun shows itself. The layout is a complete record over the entity's fields, so a new field stops the compiler in
 * exactly one place: the view file, which says where the field stands or that it is hidden.
 */
import type { FunctionComponent } from 'react';
import type { AnyDocument, Entity } from '../../domain/entity/entity.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { NUMBER_FOLLOWS } from '../../domain/record/series.ts';
import type { Draft } from '../../domain/record/record.commands.ts';
import { nounOf } from '../../domain/registry.ts';
import type { Cells, ControlProps } from './control.ts';

export interface Placement {
  readonly section: string;
  /** Width on a row of twelve; each kind of field has a width of its own when this is absent. */
  readonly span?: 2 | 3 | 4 | 5 | 6 | 8 | 9 | 12;
  /** Only these faces show it; all of them when absent. */
  readonly faces?: readonly string[];
  /** lines: the fields that are columns of the table; the others open under the row. All of them when absent. */
  readonly columns?: readonly string[];
  /** lines: controls of single fields of a line, in place of those of their kinds. */
  readonly cells?: Cells;
  /** integer: how many decimals people type for the stored whole number, and the unit they mean (tenths of °F: 1). */
  readonly scale?: number;
  readonly unit?: string;
  /** A control of this field's own, where its kind says too little. */
  readonly control?: FunctionComponent<ControlProps>;
}

export interface Section {
  readonly title: string;
  /** Closed at first while it holds nothing; rare fields that would bury the daily ones. */
  readonly folded?: true;
}

/** A tab of a hub: the records of another face whose field points at this record. */
export interface HubTab {
  readonly label: string;
  readonly face: string;
  readonly field: string;
  /** Fields of this record that a new child starts with, beside the link itself: child field -> own field. */
  readonly carry?: Readonly<Record<string, string>>;
}

/** One list of a noun with its own name and address: suppliers, customers and carriers are three faces of parties. */
export interface Face {
  /** Stands in the address: `suppliers`. */
  readonly key: string;
  readonly label: string;
  readonly labels: string;
  /** Only documents whose field equals the value, or whose set contains it. */
  readonly where?: Readonly<Record<string, string>>;
  /** What a new record of this face starts with. */
  readonly preset?: Draft;
  /** More of it, made at the moment the form opens: today's date. */
  readonly start?: () => Draft;
  /** Field keys, or `group.field`, in the order of the columns. */
  readonly columns: readonly string[];
  /** Columns that exist but are switched off until the user asks for them. */
  readonly spare?: readonly string[];
  readonly sort: { readonly key: string; readonly descending?: true };
  readonly hub?: readonly HubTab[];
  /** What an empty list tells the user to do. */
  readonly empty: string;
}

export interface View {
  readonly noun: Noun;
  /** In the order of the form. */
  readonly sections: Readonly<Record<string, Section>>;
  readonly layout: Readonly<Record<string, Placement | 'hidden'>>;
  readonly faces: readonly Face[];
  /** Columns that need another width than their kind has, in pixels. */
  readonly widths?: Readonly<Record<string, number>>;
  /** One line under the title in search results, pickers and page heads. */
  readonly subtitle: (document: AnyDocument) => string;
}

/** Checks at compile time that sections and fields exist, and hands back the loose shape that the generic screens use. */
export function defineView<E extends Entity, const S extends Readonly<Record<string, Section>>>(
  entity: E,
  view: {
    readonly sections: S;
    readonly layout: { readonly [K in keyof E['fields'] & string]: (Placement & { readonly section: keyof S & string }) | 'hidden' };
    readonly faces: readonly Face[];
    readonly widths?: Readonly<Record<string, number>>;
    readonly subtitle: (document: AnyDocument) => string;
  },
): View {
  const noun = nounOf(entity.collection);
  if (!noun) throw new Error(`${entity.noun} is not in the registry`);
  return { noun, ...view };
}

/** True when a document belongs to a face. */
export function isOfFace(face: Face, document: Readonly<Record<string, unknown>>): boolean {
  return matchesWhere(face.where, document);
}

export function matchesWhere(where: Readonly<Record<string, string>> | undefined, document: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(where ?? {}).every(([key, wanted]) => {
    const value = document[key];
    return Array.isArray(value) ? value.includes(wanted) : value === wanted;
  });
}

/** The same condition as a Mango selector for the local database. */
export function selectorOf(where: Readonly<Record<string, string>> | undefined, entity: Entity): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(where ?? {}).map(([key, value]) => [
      key,
      entity.fields[key]?.kind === 'set' ? { $elemMatch: { $eq: value } } : { $eq: value },
    ]),
  );
}

/** The name of a record as people say it; never empty. */
export function titleOf(view: View, document: Readonly<Record<string, unknown>>): string {
  const { entity } = view.noun;
  const title = document[entity.title];
  if (title === '' && entity.fields[entity.title]?.numbered) return NUMBER_FOLLOWS;
  return typeof title === 'string' && title.trim() !== '' ? title : `${view.noun.entity.label} without a name`;
}

/** Text parts joined with a middle dot, empty ones left out. */
export const joined = (...parts: readonly unknown[]): string => parts.filter((part) => typeof part === 'string' && part !== '').join(' · ');
