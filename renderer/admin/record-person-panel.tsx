/** Somebody of whom a record tells, such as a contact: everything about them, and forgetting them. */
import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { personalFields } from '../../domain/record/personal.ts';
import { nouns } from '../../domain/registry.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { PersonDeeds } from './person-deeds.tsx';

const telling = personalFields(nouns.map(({ entity }) => entity));
const kinds = nouns.filter(({ entity }) => telling[entity.collection] !== undefined).map(({ entity }) => entity);

export function RecordPersonPanel() {
  const rights = useOwnRights();
  const [collection, setCollection] = useState('contacts');
  const [typed, setTyped] = useState('');
  const id = typed.trim();
  if (!rights.may('people:export') && !rights.may('people:anonymize')) return null;
  const label = kinds.find((entity) => entity.collection === collection)?.label ?? collection;
  return (
    <section className="panel admin-panel" aria-labelledby="record-person">
      <h2 id="record-person">People in records</h2>
      <p>Of somebody who asks what is kept about them, or to be forgotten. People with an account have their own page under People.</p>
      <div className="admin-bar person-choice">
        <NativeSelect
          size="xs"
          label="Kind of record"
          data={kinds.map((entity) => ({ value: entity.collection, label: entity.label }))}
          value={collection}
          onChange={(event) => setCollection(event.currentTarget.value)}
        />
        <TextInput
          label="Id of the record that tells of them"
          placeholder="The last part of the address of its page"
          maxLength={200}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {id === '' ? null : (
        <PersonDeeds
          key={`${collection} ${id}`}
          person={{ collection, id }}
          name={`whom ${label} ${id} tells of`}
          typed={{ label: 'the id of the record', text: id }}
          mayForget
          onForgotten={() => setTyped('')}
        />
      )}
    </section>
  );
}
