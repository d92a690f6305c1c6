/** Why something is done, as the audit will say it. */
import { TextInput } from '@mantine/core';

interface ReasonInputProps {
  readonly value: string;
  readonly onChange: (reason: string) => void;
  /** It has the focus when its window opens. */
  readonly first?: boolean;
  readonly error?: string;
}

export function ReasonInput({ value, onChange, first = false, ...rest }: ReasonInputProps) {
  return (
    <TextInput
      label="Reason, kept in the audit"
      maxLength={500}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...rest}
      {...(first ? { 'data-autofocus': true } : {})}
    />
  );
}
