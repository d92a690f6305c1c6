/** A window over the desk. Mantine's own header is a second banner landmark, so the title stands in a plain row here. */
import { Modal } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';

export interface DialogProps {
  readonly title: string;
  readonly size?: 'sm' | 'md' | 'lg' | 'xl';
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog that is closed is gone at once, so the keyboard is put back to what opened it, unless it is somewhere by then. */
function useFocusPutBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    },
    [opener],
  );
}

export function Dialog({ title, size = 'md', onClose, children }: DialogProps) {
  useFocusPutBack();
  return (
    <Modal.Root opened onClose={onClose} size={size} centered transitionProps={{ duration: 80 }}>
      <Modal.Overlay />
      <Modal.Content>
        <div className="dialog-head">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
