/** Ctrl+S saves and Esc leaves, for the form on top only: a small window over a form answers alone. */
import { type RefObject, useEffect, useEffectEvent } from 'react';

const stack: symbol[] = [];

export interface FormKeys {
  readonly form: RefObject<HTMLFormElement | null>;
  readonly onSave: () => void;
  readonly onLeave: () => void;
}

/** True while a dropdown, menu or dialog is open that Esc belongs to. */
const hasOpenLayer = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.getAttribute('aria-expanded') === 'true' || target.closest('[role="dialog"],[role="listbox"],[role="menu"]') !== null);

export function useFormKeys(keys: FormKeys): void {
  const save = useEffectEvent(keys.onSave);
  const leave = useEffectEvent((target: EventTarget | null) => {
    const inside = target instanceof Node && (keys.form.current?.contains(target) ?? false);
    if (inside || target === document.body) keys.onLeave();
  });
  useEffect(() => {
    const me = Symbol('form');
    stack.push(me);
    const onKey = (event: KeyboardEvent): void => {
      if (stack.at(-1) !== me) return;
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 's') {
        event.preventDefault();
        // A value typed but not yet left (weights, dates) is taken over by leaving the field.
        if (document.activeElement instanceof HTMLElement) {
          const focused = document.activeElement;
          focused.blur();
          focused.focus({ preventScroll: true });
        }
        setTimeout(() => save(), 0);
      } else if (event.key === 'Escape' && !hasOpenLayer(event.target)) {
        leave(event.target);
      }
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => {
      window.removeEventListener('keydown', onKey, { capture: true });
      stack.splice(stack.indexOf(me), 1);
    };
  }, []);
}
