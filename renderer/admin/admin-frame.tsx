/** The frame of every page of administration: what there is to administer, and what is said to whoever may not, or is offline. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AdminPermission } from '../../domain/access/permissions.ts';
import type { Asked } from '../sync/ask.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { Empty, Page } from '../ui/page.tsx';
import './admin.css';

export interface Part {
  readonly name: string;
  readonly part: string;
  readonly needs: AdminPermission;
}
/** In the order of the row of links. */
export const parts = [
  { name: 'People', part: 'people', needs: 'users:read' },
  { name: 'Desks', part: 'desks', needs: 'desks:read' },
  { name: 'Audit', part: 'audit', needs: 'audit:read' },
  { name: 'Roles', part: 'roles', needs: 'roles:read' },
  { name: 'Refusals', part: 'refusals', needs: 'refusals:read' },
  { name: 'Imports', part: 'imports', needs: 'imports:read' },
  { name: 'Settings', part: 'settings', needs: 'settings:read' },
  { name: 'Option lists', part: 'options', needs: 'settings:read' },
  { name: 'Retention', part: 'retention', needs: 'retention:read' },
  { name: 'Numbers', part: 'numbers', needs: 'series:read' },
  { name: 'Health', part: 'health', needs: 'health:read' },
] as const satisfies readonly Part[];

interface FrameProps {
  readonly title: string;
  readonly subtitle?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}
export function AdminFrame({ title, subtitle = '', actions, children }: FrameProps) {
  const rights = useOwnRights();
  const open = parts.filter(({ needs }) => rights.may(needs));
  return (
    <Page title={title} subtitle={subtitle} actions={rights.any ? actions : null}>
      {open.length === 0 ? null : (
        <nav className="admin-parts" aria-label="Administration">
          {open.map(({ name, part }) => (
            <Link
              key={part}
              to="/administration/$part"
              params={{ part }}
              className="admin-part"
              activeProps={{ className: 'admin-part active', 'aria-current': 'page' }}
            >
              {name}
            </Link>
          ))}
        </nav>
      )}
      {children}
    </Page>
  );
}

/** What the server answered, or why there is nothing to show. */
export function Answered<T>({ asked, children }: { readonly asked: Asked<T> | undefined; readonly children: (value: T) => ReactNode }) {
  if (asked === undefined)
    return (
      <p className="quiet" role="status">
        Asking the server ...
      </p>
    );
  if (asked.ok) return children(asked.value);
  if (asked.code === 'unreachable')
    return (
      <Empty>
        Administration happens on the server, which cannot be reached at the moment. Your records are all here; come back when the chip at
        the top says that you are online.
      </Empty>
    );
  if (asked.code === 'not_permitted') return <Empty>This page is for administrators. {asked.message}</Empty>;
  return <Empty>{asked.message}</Empty>;
}

/** Whether an answer is an object with these keys; what is in them is the server's to keep right. */
export const holding =
  <Answer,>(...keys: readonly (keyof Answer & string)[]) =>
  (value: unknown): value is Answer =>
    typeof value === 'object' && value !== null && keys.every((key) => key in value);
