/** A refused change: why, what was written, and the ways out. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Problem } from '../../domain/entity/problem.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type Entry, type Kept, sendAgain } from '../data/inbox.ts';
import { useDesk } from '../data/live.ts';
import { useActor } from '../ui/use-submit.tsx';
import { useViewBook } from '../ui/view-book.tsx';
import { DiscardButton, useStep } from './entry-actions.tsx';
import { placeWords } from './entry-words.ts';
import { KeptContent } from './kept-content.tsx';

interface RefusalProps {
  readonly entry: Entry;
  readonly kept: Kept;
  readonly noun: Noun;
}

export function ProblemList({ kept, noun }: Pick<RefusalProps, 'kept' | 'noun'>) {
  return (
    <ul className="inbox-problems">
      {kept.problems.map((problem: Problem) => (
        <li key={`${problem.field} ${problem.code} ${problem.message}`}>
          <strong>{placeWords(noun.entity, problem.field, [kept.mine, kept.base])}</strong>: {problem.message}{' '}
          {problem.rule === undefined ? null : <span className="tag">Rule {problem.rule}</span>}
        </li>
      ))}
    </ul>
  );
}

export function RefusalPanel({ entry, kept, noun }: RefusalProps) {
  const desk = useDesk();
  const actor = useActor();
  const { busy, run } = useStep(entry);
  const hasForm = useViewBook().faceOf(noun.entity.collection, kept.mine) !== undefined;
  const again = (label: string) => (
    <Button loading={busy} onClick={() => run('Saved here and sent again.', () => sendAgain(desk, entry, actor))}>
      {label}
    </Button>
  );
  return (
    <>
      <h3>{kept.author === undefined ? 'Why' : `Why, as ${kept.author} was told`}</h3>
      {kept.problems.length === 0 ? <p>The server gave no field: {entry.code || 'no reason'}.</p> : <ProblemList kept={kept} noun={noun} />}
      {kept.deleted ? <p>{kept.author ?? 'You'} had deleted this record; the server kept it.</p> : null}
      {entry.open ? (
        <div className="inbox-actions">
          {kept.deleted ? (
            again('Delete it again')
          ) : hasForm ? (
            <Link to="/inbox/$id/mend" params={{ id: entry.id }} className="inbox-primary">
              {entry.code === 'purged' ? 'Save as a new record' : 'Mend and send again'}
            </Link>
          ) : (
            again('Send again as it is')
          )}
          <DiscardButton entry={entry} />
        </div>
      ) : null}
      {kept.deleted ? null : <KeptContent noun={noun} kept={kept} />}
    </>
  );
}
