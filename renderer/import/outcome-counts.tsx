/** How many rows met which fate, in one line of numbers. */
import type { OutcomeCounts } from '../../domain/import/finding.ts';

interface Tile {
  readonly label: string;
  readonly count: number;
  readonly tone?: 'bad' | 'warn';
}

export function CountTiles({ tiles }: { readonly tiles: readonly Tile[] }) {
  return (
    <dl className="import-counts">
      {tiles.map(({ label, count, tone }) => (
        <div key={label} data-tone={count > 0 ? tone : undefined}>
          <dt>{label}</dt>
          <dd>{count.toLocaleString('en-US')}</dd>
        </div>
      ))}
    </dl>
  );
}

export const tilesOf = (counts: OutcomeCounts): readonly Tile[] => [
  { label: 'Imported as is', count: counts.imported },
  { label: 'Repaired', count: counts.repaired, tone: 'warn' },
  { label: 'Unchanged', count: counts.unchanged },
  { label: 'Skipped', count: counts.skipped, tone: 'warn' },
  { label: 'Kept out', count: counts.bad, tone: 'bad' },
];
