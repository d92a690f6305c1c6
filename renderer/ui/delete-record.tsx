/** Soft delete with ten seconds to think again; the trash keeps it after that. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useCallback } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { useSubmit } from './use-submit.tsx';
import type { FacedView } from './view-book.tsx';
import { titleOf } from './view.ts';

const UNDO_MS = 10_000;

/** Answers whether it was deleted; a refusal is shown with its reason. */
export function useDeleteRecord(): (faced: FacedView, record: AnyDocument) => Promise<boolean> {
  const submit = useSubmit();
  return useCallback(
    async ({ view, face }, record) => {
      const { collection } = view.noun.entity;
      const title = titleOf(view, record);
      const result = await submit({ collection, command: 'delete', id: record.id });
      if (!result.ok) {
        notifications.show({ color: 'red', title: `${title} was not deleted`, message: result.rejection.message, autoClose: UNDO_MS });
        return false;
      }
      const shown = notifications.show({
        title: `${face.label} deleted`,
        message: (
          <span className="undo-line">
            {title} is in the trash.
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => {
                notifications.hide(shown);
                void submit({ collection, command: 'restore', id: record.id }).then((restored) => {
                  notifications.show(
                    restored.ok
                      ? { message: `${title} is back.`, autoClose: 4000 }
                      : { color: 'red', title: `${title} could not be restored`, message: restored.rejection.message },
                  );
                });
              }}
            >
              Undo
            </Button>
          </span>
        ),
        autoClose: UNDO_MS,
      });
      return true;
    },
    [submit],
  );
}
