/** An old version of a record brought back as a new change: the same checks, the same way to the server, an entry of its own. */
import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { type AnyDocument, type Entity, allFields } from '../../domain/entity/entity.ts';
import type { Draft } from '../../domain/record/record.commands.ts';
import { Dialog } from './dialog.tsx';
import { FieldDiff, changedFields } from './field-diff.tsx';
import { useSubmit } from './use-submit.tsx';

/** What has to change for the record to be again as it was; what is computed or given once stays as it is. */
export function restoringDraft(entity: Entity, record: AnyDocument, version: Readonly<Record<string, unknown>>): Draft {
  const fields = allFields(entity);
  return Object.fromEntries(
    changedFields(entity, record, version)
      .filter((key) => fields[key]?.computed === false && fields[key]?.numbered !== true && fields[key]?.retired === false)
      .map((key) => [key, version[key]]),
  );
}

interface RestoreVersionProps {
  readonly entity: Entity;
  readonly record: AnyDocument;
  readonly version: Readonly<Record<string, unknown>>;
  /** When it was, for people. */
  readonly at: string;
  readonly onClose: () => void;
}
export function RestoreVersion({ entity, record, version, at, onClose }: RestoreVersionProps) {
  const submit = useSubmit();
  const [problem, setProblem] = useState('');
  const draft = restoringDraft(entity, record, version);
  const nothing = Object.keys(draft).length === 0;
  const restore = async (): Promise<void> => {
    const result = await submit({ collection: entity.collection, command: 'change', id: record.id, draft });
    if (!result.ok) {
      const reasons = result.rejection.problems.map(({ message }) => message);
      setProblem([result.rejection.message, ...reasons].join(' '));
      return;
    }
    notifications.show({ message: `As of ${at} again. The versions in between stay in the history.` });
    onClose();
  };
  return (
    <Dialog title={`Restore the version of ${at}?`} onClose={onClose}>
      <p>
        {nothing
          ? 'Nothing would change: what people can edit is as it was then.'
          : 'These fields change, as if you had typed them. Nothing is removed from the history.'}
      </p>
      {nothing ? null : <FieldDiff entity={entity} before={record} after={{ ...record, ...draft }} />}
      {problem === '' ? null : (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={nothing} onClick={() => void restore()}>
          Restore this version
        </Button>
      </Group>
    </Dialog>
  );
}
