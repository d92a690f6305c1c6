/** Two people changed the same place: before, mine and what is stored now side by side, and a choice for each. */
import { Button, Radio } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Clash } from '../../domain/record/clash.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type Choice, type Entry, type Kept, openChoices, resolveEntry, saveChoice } from '../data/inbox.ts';
import { useDesk, useRecord } from '../data/live.ts';
import { ShownRow, ShownValue } from '../ui/shown-value.tsx';
import { useActor } from '../ui/use-submit.tsx';
import { useStep } from './entry-actions.tsx';
import { fieldAtPath, placeWords, valueAtPath } from './entry-words.ts';
import { KeptContent } from './kept-content.tsx';

interface ClashProps {
  readonly entry: Entry;
  readonly kept: Kept;
  readonly noun: Noun;
}
type Side = 'mine' | 'stored';

export function ClashPanel({ entry, kept, noun }: ClashProps) {
  const { record, deleted, ready } = useRecord(entry.collection, entry.recordId);
  if (!ready) return null;
  return (
    <>
      {entry.open ? (
        <Decision entry={entry} kept={kept} noun={noun} stored={record} deleted={deleted} />
      ) : (
        <p>Asked about: {entry.paths.map((path) => placeWords(noun.entity, path, [kept.mine, kept.base])).join(', ')}.</p>
      )}
      <KeptContent noun={noun} kept={kept} />
    </>
  );
}

interface DecisionProps extends ClashProps {
  readonly stored: AnyDocument | undefined;
  readonly deleted: boolean;
}

/** What stays if the person does nothing. */
const standing = ({ stands }: Choice): Side => (stands === 'mine' ? 'mine' : 'stored');

function Decision({ entry, kept, noun, stored, deleted }: DecisionProps) {
  const desk = useDesk();
  const actor = useActor();
  const { busy, run } = useStep(entry);
  const [picked, setPicked] = useState<Readonly<Record<string, Side>>>({});
  const choices = useMemo(() => (stored ? openChoices(desk, entry, { doc: stored, deleted }) : []), [desk, entry, stored, deleted]);
  const sideOf = (choice: Choice): Side => picked[choice.key] ?? standing(choice);
  const keep = (label: string) => (
    <Button
      variant="default"
      loading={busy}
      onClick={() => run('The record stays as it is stored.', () => resolveEntry(desk, entry, 'dropped', actor))}
    >
      {label}
    </Button>
  );
  if (choices.length === 0) {
    return (
      <>
        <p>
          {stored
            ? 'Nothing is left to decide: the record holds what you wrote.'
            : 'The record is not on this device. It may arrive with the next sync; what you wrote is below.'}
        </p>
        <div className="inbox-actions">{keep('Close this entry')}</div>
      </>
    );
  }
  const isChanged = choices.some((choice) => sideOf(choice) !== standing(choice));
  const mine = new Set(choices.filter((choice) => sideOf(choice) === 'mine').map(({ key }) => key));
  const save = (): void => run('Your choice is saved and will be sent.', () => saveChoice(desk, entry, choices, mine, actor));
  return (
    <>
      <p>What is stored stays until you decide; only what you choose is written.</p>
      <div className="inbox-scroll">
        <table className="plain-table inbox-clash">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">Yours</th>
              <th scope="col">Stored now</th>
            </tr>
          </thead>
          {choices.map((choice) => (
            <tbody key={choice.key}>
              {choice.clashes.map((clash, i) => (
                <ClashRow
                  key={clash.path}
                  noun={noun}
                  kept={kept}
                  stored={stored ?? {}}
                  clash={clash}
                  undoes={choice.stands === 'mine'}
                  {...(i === 0
                    ? { choice: choice.key, side: sideOf(choice), onPick: (side: Side) => setPicked({ ...picked, [choice.key]: side }) }
                    : {})}
                />
              ))}
            </tbody>
          ))}
        </table>
      </div>
      <div className="inbox-actions">
        <Button loading={busy} disabled={!isChanged} onClick={save}>
          Save the choice
        </Button>
        {keep('Keep the stored one')}
      </div>
    </>
  );
}

interface ClashRowProps {
  readonly noun: Noun;
  readonly kept: Kept;
  readonly stored: Readonly<Record<string, unknown>>;
  readonly clash: Clash;
  /** The other side is not stored any more; choosing it takes out what stands because of this edit. */
  readonly undoes: boolean;
  /** On the first of the rows that are decided together. */
  readonly choice?: string;
  readonly side?: Side;
  readonly onPick?: (side: Side) => void;
}

function ClashRow({ noun, kept, stored, clash, undoes, choice, side, onPick }: ClashRowProps) {
  const words = placeWords(noun.entity, clash.path, [stored, kept.mine, kept.base]);
  const cell = (value: unknown, state: Readonly<Record<string, unknown>>) => (
    <ClashValue noun={noun} path={clash.path} value={value} state={state} />
  );
  const pick = (own: Side, spoken: string, shown: ReturnType<typeof cell>) =>
    choice === undefined ? (
      shown
    ) : (
      <Radio
        size="xs"
        name={`clash ${choice}`}
        aria-label={`${words}: ${spoken}`}
        checked={side === own}
        onChange={() => onPick?.(own)}
        label={shown}
      />
    );
  return (
    <tr>
      <th scope="row">
        {words}
        {choice === undefined ? <div className="quiet">goes with the one above</div> : null}
      </th>
      <td>{cell(clash.base, kept.base ?? {})}</td>
      <td>{pick('mine', 'yours', cell(clash.mine, kept.mine))}</td>
      <td>
        {pick(
          'stored',
          undoes ? 'as the other did' : 'stored now',
          undoes ? <>Take it out, as the other did</> : cell(clash.theirs, stored),
        )}
      </td>
    </tr>
  );
}

interface ClashValueProps {
  readonly noun: Noun;
  readonly path: string;
  readonly value: unknown;
  readonly state: Readonly<Record<string, unknown>>;
}

function ClashValue({ noun, path, value, state }: ClashValueProps) {
  if (path === '_deleted') return value === true ? 'Deleted' : 'Kept';
  const { around } = valueAtPath(state, path);
  const field = fieldAtPath(noun.entity, path);
  if (field) return <ShownValue field={field} value={value} around={around} />;
  const list = fieldAtPath(noun.entity, path.split('.')[0] ?? '');
  if (!list || typeof value !== 'object' || value === null) return <span className="quiet">nothing</span>;
  return <ShownRow field={list} row={value as Readonly<Record<string, unknown>>} around={around} />;
}
