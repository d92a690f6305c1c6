/** Every address of the window. Lists, records and new records of all nouns share three routes. */
import { Navigate, createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { Draft } from '../../domain/record/record.commands.ts';
import { AccountScreen } from '../account/account-screen.tsx';
import { InboxEntryScreen, InboxScreen } from '../inbox/inbox-screen.tsx';
import { MendScreen } from '../inbox/mend-screen.tsx';
import { Empty, Page } from '../ui/page.tsx';
import { AboutScreen } from './about-screen.tsx';
import { FaceListScreen, FaceNewScreen, FaceRecordScreen } from './face-screens.tsx';
import { Shell } from './shell.tsx';
import { SyncScreen } from './sync-screen.tsx';
import { TrashScreen } from './trash-screen.tsx';

const isDraft = (value: unknown): value is Draft => typeof value === 'object' && value !== null && !Array.isArray(value);

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Page title="No such page">
      <Empty>This address leads nowhere. Choose a list on the left.</Empty>
    </Page>
  ),
  errorComponent: ({ error }) => (
    <Page title="This screen failed">
      <Empty>
        {error instanceof Error ? error.message : String(error)}. Your records and drafts are kept. Reload the window, or choose another
        screen.
      </Empty>
    </Page>
  ),
});
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: () => <Navigate to="/$face" params={{ face: 'purchase-orders' }} replace />,
});
const list = createRoute({ getParentRoute: () => root, path: '/$face', component: FaceListScreen });
const fresh = createRoute({
  getParentRoute: () => root,
  path: '/$face/new',
  validateSearch: (search: Record<string, unknown>): { preset?: Draft; copy?: string } => ({
    ...(isDraft(search['preset']) ? { preset: search['preset'] } : {}),
    ...(typeof search['copy'] === 'string' ? { copy: search['copy'] } : {}),
  }),
  component: FaceNewScreen,
});
const record = createRoute({
  getParentRoute: () => root,
  path: '/$face/$id',
  validateSearch: (search: Record<string, unknown>): { tab?: string } => (typeof search['tab'] === 'string' ? { tab: search['tab'] } : {}),
  component: FaceRecordScreen,
});
const importing = createRoute({
  getParentRoute: () => root,
  path: '/import',
  component: lazyRouteComponent(() => import('../import/import-screen.tsx'), 'ImportScreen'),
});
const inbox = createRoute({ getParentRoute: () => root, path: '/inbox', component: InboxScreen });
const inboxEntry = createRoute({ getParentRoute: () => root, path: '/inbox/$id', component: InboxEntryScreen });
const mend = createRoute({ getParentRoute: () => root, path: '/inbox/$id/mend', component: MendScreen });
const trash = createRoute({ getParentRoute: () => root, path: '/trash', component: TrashScreen });
const sync = createRoute({ getParentRoute: () => root, path: '/sync-status', component: SyncScreen });
const account = createRoute({ getParentRoute: () => root, path: '/account', component: AccountScreen });
const administration = createRoute({
  getParentRoute: () => root,
  path: '/administration',
  component: lazyRouteComponent(() => import('../admin/admin-screens.tsx'), 'AdminHome'),
});
const adminPart = createRoute({
  getParentRoute: () => root,
  path: '/administration/$part',
  component: lazyRouteComponent(() => import('../admin/admin-screens.tsx'), 'AdminPart'),
});
const adminPerson = createRoute({
  getParentRoute: () => root,
  path: '/administration/people/$id',
  component: lazyRouteComponent(() => import('../admin/admin-screens.tsx'), 'AdminPerson'),
});
const adminRole = createRoute({
  getParentRoute: () => root,
  path: '/administration/roles/$id',
  component: lazyRouteComponent(() => import('../admin/admin-screens.tsx'), 'AdminRole'),
});
const about = createRoute({ getParentRoute: () => root, path: '/about', component: AboutScreen });

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    importing,
    inbox,
    inboxEntry,
    mend,
    trash,
    sync,
    account,
    administration,
    adminPart,
    adminPerson,
    adminRole,
    about,
    fresh,
    record,
    list,
  ]),
  defaultPreload: false,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
