/** Something to hand on that is shown once: chosen whole by a click, and copied by a button where the browser allows it. */
import { Button } from '@mantine/core';
import { useState } from 'react';

export function SecretLine({ label, text }: { readonly label: string; readonly text: string }) {
  const [said, setSaid] = useState('');
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied.'),
      () => setSaid('This browser does not allow copying. Choose the text and copy it yourself.'),
    );
  };
  return (
    <>
      <p className="admin-secret" aria-label={label} role="group">
        {text}
      </p>
      <Button variant="default" mt="xs" onClick={copy}>
        Copy
      </Button>{' '}
      <span className="quiet" role="status">
        {said}
      </span>
    </>
  );
}
