/** A button that says why it cannot be used, instead of being away. */
import { Button, type ButtonProps } from '@mantine/core';
import type { ComponentPropsWithoutRef } from 'react';

export interface PermittedButtonProps extends ButtonProps, Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> {
  /** Why it is not allowed; undefined where it is. */
  readonly denied: string | undefined;
}

/** Stays in the order of the keyboard, so that the reason is found and read there too. */
export function PermittedButton({ denied, title, onClick, ...props }: PermittedButtonProps) {
  if (denied === undefined) return <Button {...props} {...(title === undefined ? {} : { title })} {...(onClick ? { onClick } : {})} />;
  return <Button {...props} data-disabled aria-disabled="true" title={denied} aria-description={denied} onClick={stay} />;
}
const stay = (event: { preventDefault(): void }): void => event.preventDefault();
