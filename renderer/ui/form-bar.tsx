/** The bar under a form: save, discard, and how many things stand between the draft and a save. */
import { Button } from '@mantine/core';
import { type ReactNode, useSyncExternalStore } from 'react';
import { useFormFacts, useProblems } from './form-facts.ts';
import { PermittedButton } from './permitted-button.tsx';

export interface FormBarProps {
  readonly dirty: boolean;
  /** Why nothing can be saved; undefined where it can. */
  readonly denied: string | undefined;
  /** There is no room for a draft. */
  readonly full: boolean;
  readonly saving: boolean;
  readonly isNew: boolean;
  readonly quick: boolean;
  readonly summary: ReactNode;
  readonly onDiscard: () => void;
  readonly onLeave: () => void;
}

export function FormBar({ dirty, denied, full, saving, isNew, quick, summary, onDiscard, onLeave }: FormBarProps) {
  const facts = useFormFacts();
  const loud = useSyncExternalStore(facts.subscribe, () => facts.loud);
  const stopping = useProblems().filter((problem) => problem.severity === 'hard').length;
  const state =
    stopping > 0 && (loud || (dirty && !isNew))
      ? `${stopping} ${stopping === 1 ? 'thing' : 'things'} to mend before it can be saved`
      : dirty
        ? full
          ? 'Not saved yet, and this device is too full to keep a draft: leave this window open'
          : 'Not saved yet; kept as a draft on this device'
        : isNew
          ? ''
          : 'All changes saved on this device';
  return (
    <div className="form-bar">
      <span className={(stopping > 0 && loud) || (dirty && full) ? 'field-error' : 'quiet'} role="status">
        {quick && !loud ? '' : state}
      </span>
      {summary}
      {dirty && !isNew ? (
        <Button variant="default" onClick={onDiscard}>
          Discard changes
        </Button>
      ) : (
        <Button variant="default" onClick={onLeave}>
          {isNew ? 'Cancel' : 'Close'}
        </Button>
      )}
      <PermittedButton type="submit" loading={saving} title="Ctrl+S" denied={denied}>
        Save
      </PermittedButton>
    </div>
  );
}
