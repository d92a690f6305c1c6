/** The record of RxDB's own test suites as an entity of ours, and the way between the two shapes. */
import { defineEntity } from '../../domain/entity/entity.ts';
import { integer, text } from '../../domain/entity/field.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';

const human = defineEntity({
  noun: 'human',
  collection: 'humans',
  label: 'Human',
  labels: 'Humans',
  title: 'firstName',
  fields: {
    firstName: text('First name', { index: true }),
    lastName: text('Last name', {}),
    age: integer('Age', { most: 150 }),
  },
  views: [{ name: 'human_list' }],
});
export const humanNoun: Noun = { entity: human };

/** A document of RxDB's suites; it has no envelope and no write id, and calls its key otherwise. */
export interface Human {
  readonly passportId: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly age?: number;
  readonly _deleted: boolean;
}
const envelope = { status: 'active', ownerId: 'suite', deskId: 'suite' } as const;

export const toWire = ({ passportId, ...fields }: Human): WireDocument => ({ ...envelope, ...fields, id: passportId });
export function fromWire({ id, _deleted, ...fields }: WireDocument): Human {
  const kept = Object.fromEntries(Object.entries(fields).filter(([key]) => ['firstName', 'lastName', 'age'].includes(key)));
  return { passportId: id, ...kept, _deleted };
}
