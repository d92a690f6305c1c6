/** Rows with reasons: which line, what became of it, and why. Shown a hundred at a time; the file has all of them. */
import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { type Outcome, outcomeLabels } from '../../domain/import/finding.ts';
import type { ReportRow } from '../../domain/import/report.ts';

const PAGE = 100;

type Filter = 'all' | Outcome;

export function RowsTable({ rows, label }: { readonly rows: readonly ReportRow[]; readonly label: string }) {
  const [filter, setFilter] = useState<Filter>('all');
  const [shown, setShown] = useState(PAGE);
  const outcomes = (Object.keys(outcomeLabels) as Outcome[]).map((outcome) => ({
    outcome,
    count: rows.filter((row) => row.outcome === outcome).length,
  }));
  // What was kept out needs a person; it stands first whatever its line.
  const order = (row: ReportRow): number => (row.outcome === 'bad' ? 0 : row.outcome === 'skipped' ? 1 : 2);
  const chosen = (filter === 'all' ? [...rows] : rows.filter((row) => row.outcome === filter)).sort(
    (a, b) => order(a) - order(b) || a.line - b.line,
  );
  const choices = [
    { value: 'all', label: `All rows with reasons (${rows.length.toLocaleString('en-US')})` },
    ...outcomes
      .filter(({ count }) => count > 0)
      .map(({ outcome, count }) => ({ value: outcome, label: `${outcomeLabels[outcome]} (${count.toLocaleString('en-US')})` })),
  ];
  if (rows.length === 0) return <p className="quiet">Every row went through as it is.</p>;
  return (
    <>
      <NativeSelect
        size="xs"
        w={260}
        mb={8}
        aria-label="Rows to show"
        data={choices}
        value={filter}
        onChange={(event) => {
          setFilter(event.currentTarget.value as Filter);
          setShown(PAGE);
        }}
      />
      <div className="import-scroll" role="region" aria-label={label} tabIndex={0}>
        <table className="import-table">
          <thead>
            <tr>
              <th scope="col" className="number">
                Line
              </th>
              <th scope="col">Outcome</th>
              <th scope="col">Row</th>
              <th scope="col">Reasons</th>
            </tr>
          </thead>
          <tbody>
            {chosen.slice(0, shown).map((row) => (
              <tr key={row.line}>
                <td className="number">{row.line}</td>
                <td className="import-outcome" data-outcome={row.outcome}>
                  {outcomeLabels[row.outcome]}
                </td>
                <td className="sample">
                  {row.cells
                    .filter((cell) => cell.trim() !== '')
                    .slice(0, 4)
                    .join(', ')
                    .slice(0, 120)}
                </td>
                <td>
                  {row.findings.map((each) => (
                    <div key={`${each.code} ${each.column} ${each.message}`}>{each.message}</div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {chosen.length > shown ? (
        <div className="import-actions">
          <Button variant="default" size="compact-xs" onClick={() => setShown(shown + PAGE)}>
            Show {Math.min(PAGE, chosen.length - shown)} more
          </Button>
          <span className="quiet">
            {shown} of {chosen.length.toLocaleString('en-US')}
          </span>
        </div>
      ) : null}
    </>
  );
}
