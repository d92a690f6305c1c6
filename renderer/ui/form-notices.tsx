/** Above a form: a restored draft, a refusal, a change from elsewhere, soft warnings with their two ways out. */
import { Button } from '@mantine/core';
import type { Problem } from '../../domain/entity/problem.ts';
import { showInstant } from './show-value.ts';

export interface FormNoticesProps {
  /** Why nothing here can be changed. */
  readonly locked: string | undefined;
  readonly restoredAt: string | undefined;
  readonly onDiscard: () => void;
  readonly refusal: string;
  readonly moved: boolean;
  readonly warnings: readonly Problem[];
  readonly onAnyway: () => void;
  readonly onBack: () => void;
}

export function FormNotices({ locked, restoredAt, onDiscard, refusal, moved, warnings, onAnyway, onBack }: FormNoticesProps) {
  return (
    <>
      {locked === undefined ? null : (
        <div className="notice" role="status">
          <span>{locked}</span>
        </div>
      )}
      {restoredAt === undefined ? null : (
        <div className="notice" role="status">
          <span>Your draft of {showInstant(restoredAt)} is back. It is not saved yet.</span>
          <Button variant="default" size="compact-xs" onClick={onDiscard}>
            Discard draft
          </Button>
        </div>
      )}
      {moved ? (
        <div className="notice" data-tone="warn" role="status">
          <span>
            This record was changed elsewhere while you were typing. Your own changes are kept on top; look over the rest before you save.
          </span>
        </div>
      ) : null}
      {refusal === '' ? null : (
        <div className="notice" data-tone="bad" role="alert">
          <span>{refusal}</span>
        </div>
      )}
      {warnings.length === 0 ? null : (
        <div className="notice" data-tone="warn" role="alert">
          <div>
            <strong>Please look at this before saving:</strong>
            <ul>
              {warnings.map((warning) => (
                <li key={`${warning.field} ${warning.code}`}>{warning.message}</li>
              ))}
            </ul>
          </div>
          <Button variant="default" size="compact-xs" onClick={onBack}>
            Go back
          </Button>
          <Button size="compact-xs" onClick={onAnyway} data-autofocus>
            Save anyway
          </Button>
        </div>
      )}
    </>
  );
}
