/** Two questions about the account: signing in again after the sign-in ended, signing out with unsent work. */
import { Button, Group, Text } from '@mantine/core';
import { Dialog } from '../ui/dialog.tsx';
import { SignInForm } from './sign-in-form.tsx';

export function SignInAgain({ email, onClose }: { readonly email: string; readonly onClose: () => void }) {
  return (
    <Dialog onClose={onClose} title="Sign in again" size="sm">
      <SignInForm email={email} onSignedIn={onClose} />
    </Dialog>
  );
}

export function SignOutQuestion({
  waiting,
  onClose,
  onSignOut,
}: {
  readonly waiting: number;
  readonly onClose: () => void;
  readonly onSignOut: () => void;
}) {
  return (
    <Dialog onClose={onClose} title="Sign out with unsent work?">
      <Text mb="md">
        {waiting} {waiting === 1 ? 'record waits' : 'records wait'} to be sent. They stay on this device and are sent after the next
        sign-in.
      </Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          Stay signed in
        </Button>
        <Button onClick={onSignOut}>Sign out</Button>
      </Group>
    </Dialog>
  );
}
