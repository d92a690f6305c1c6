/** The account of a profile: a person in words, or the id that an administrator gave. */
import { Select } from '@mantine/core';
import { useState } from 'react';
import { useWatch } from 'react-hook-form';
import type { ControlProps } from '../ui/control.ts';
import { useControl } from '../ui/text-controls.tsx';
import { accountChoices } from './account-choices.ts';
import { useOwnAccount } from './own-account.ts';

export function AccountControl(props: ControlProps) {
  const { value, onChange, readOnly } = props;
  const { user, hasProfile } = useOwnAccount();
  const name: unknown = useWatch({ name: 'name' });
  const [typed, setTyped] = useState('');
  const chosen = typeof value === 'string' ? value : '';
  return (
    <Select
      {...useControl(props)}
      data={accountChoices(chosen, typeof name === 'string' ? name : '', typed, user, hasProfile)}
      // A pasted id is offered whatever else the list holds.
      filter={({ options }) => options}
      value={chosen === '' ? null : chosen}
      onChange={(next) => onChange(next ?? '')}
      onSearchChange={setTyped}
      readOnly={readOnly}
      searchable
      allowDeselect={false}
      placeholder="Choose, or paste an account's id"
      comboboxProps={{ keepMounted: false, width: 'max-content', position: 'bottom-start' }}
      nothingFoundMessage="Paste the id of the account; an administrator has it."
    />
  );
}
