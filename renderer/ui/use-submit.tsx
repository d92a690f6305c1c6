/** The signed-in user as the actor of every command a screen submits. */
import { type ReactNode, createContext, use, useCallback } from 'react';
import type { Actor } from '../../domain/record/record.commands.ts';
import { useDesk } from '../data/live.ts';
import { type Command, type SubmitResult, submit } from '../data/submit.ts';
import { type SyncState, useSync } from '../sync/connection.ts';

const ActorContext = createContext<Actor | undefined>(undefined);

export function ActorProvider({ actor, children }: { readonly actor: Actor; readonly children: ReactNode }) {
  return <ActorContext value={actor}>{children}</ActorContext>;
}

export function useActor(): Actor {
  const actor = use(ActorContext);
  if (!actor) throw new Error('useActor needs a signed-in user');
  return actor;
}

/** Until when this device knew everything, ISO: now while it hears of each change at once. */
export const knownUntil = ({ phase, caughtUpAt }: Pick<SyncState, 'phase' | 'caughtUpAt'>): string | undefined =>
  phase === 'live' ? new Date().toISOString() : caughtUpAt;

export function useSubmit(): (command: Command) => Promise<SubmitResult> {
  const desk = useDesk();
  const actor = useActor();
  const sync = useSync();
  return useCallback((command) => submit(desk, command, actor, knownUntil(sync.state.get())), [desk, actor, sync]);
}
