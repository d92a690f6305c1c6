/** What can be done with one row of a table. Its name says with which row, for whoever hears the page. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';

export interface RowButtonProps {
  /** Verb and row: `Rename West`. */
  readonly name: string;
  /** For what ends something. */
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}
export function RowButton({ name, danger = false, disabled = false, onClick, children }: RowButtonProps) {
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      {...(danger ? { color: 'red' } : {})}
      aria-label={name}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}
