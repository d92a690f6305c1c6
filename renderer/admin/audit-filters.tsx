/** What of the audit is asked for. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { securityEventLabels } from '../../domain/access/security-event.ts';
import type { AuditQuery } from '../../domain/protocol/audit.ts';
import { nouns } from '../../domain/registry.ts';

export const commandLabels: Readonly<Record<string, string>> = {
  create: 'Created',
  change: 'Changed',
  delete: 'Deleted',
  restore: 'Restored',
  number: 'Numbered',
};

const collections = [
  { value: '', label: 'Everything' },
  { value: 'security_events', label: 'Events only' },
  ...nouns.map(({ entity }) => ({ value: entity.collection, label: entity.labels })).sort((a, b) => a.label.localeCompare(b.label)),
];
const entriesOf = (labels: Readonly<Record<string, string>>): { value: string; label: string }[] =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));
const deeds = [
  { value: '', label: 'Anything' },
  { group: 'Records', items: entriesOf(commandLabels) },
  { group: 'Events', items: entriesOf(securityEventLabels).sort((a, b) => a.label.localeCompare(b.label)) },
];

const texts = [
  { key: 'who', label: 'Who', hint: 'Part of a name' },
  { key: 'device', label: 'Device', hint: 'Part of its id' },
  { key: 'id', label: 'Record', hint: 'Its id' },
  { key: 'text', label: 'Text', hint: 'In a value or reason' },
] as const;

interface AuditFiltersProps {
  readonly onAsk: (query: AuditQuery) => void;
}
export function AuditFilters({ onAsk }: AuditFiltersProps) {
  const [query, setQuery] = useState<AuditQuery>({});
  const set = (key: keyof AuditQuery, value: string): void => {
    const { [key]: _gone, ...rest } = query;
    setQuery(value.trim() === '' ? rest : { ...rest, [key]: value.trim() });
  };
  const ask = (event: FormEvent): void => {
    event.preventDefault();
    onAsk(query);
  };
  return (
    <form className="audit-filters" aria-label="Filters" onSubmit={ask}>
      {texts.map(({ key, label, hint }) => (
        <TextInput key={key} label={label} placeholder={hint} maxLength={200} onChange={(event) => set(key, event.currentTarget.value)} />
      ))}
      <NativeSelect label="Kind of record" data={collections} onChange={(event) => set('collection', event.currentTarget.value)} />
      <NativeSelect label="What" data={deeds} onChange={(event) => set('what', event.currentTarget.value)} />
      <TextInput label="From" type="date" onChange={(event) => set('from', event.currentTarget.value)} />
      <TextInput label="To" type="date" onChange={(event) => set('to', event.currentTarget.value)} />
      <Button type="submit" variant="default">
        Show
      </Button>
    </form>
  );
}
