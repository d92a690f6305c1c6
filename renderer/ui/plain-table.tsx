/** A short table, neither sorted nor virtual: its head made of the names of its columns, its rows as children. */
import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';

/** `end`: numbers, at the end of the cell. `spoken`: read out and not drawn, for columns of buttons. */
export type PlainColumn = string | { readonly name: string; readonly end?: boolean; readonly spoken?: boolean };
export const ACTIONS: PlainColumn = { name: 'Actions', spoken: true };

interface PlainTableProps {
  readonly columns: readonly PlainColumn[];
  readonly className?: string;
  readonly children: ReactNode;
}

export function PlainTable({ columns, className = '', children }: PlainTableProps) {
  return (
    <table className={`plain-table ${className}`.trimEnd()}>
      <thead>
        <tr>
          {columns.map((column) => {
            const { name, end = false, spoken = false } = typeof column === 'string' ? { name: column } : column;
            return (
              <th key={name} scope="col" className={end ? 'end' : undefined}>
                {spoken ? <VisuallyHidden>{name}</VisuallyHidden> : name}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
