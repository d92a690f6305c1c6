/** Starts the window: opens the local desk, then paints. A desk that cannot be opened says why instead of staying blank. */
import '@mantine/core/styles.css';
import '@mantine/dates/styles.css';
import '@mantine/notifications/styles.css';
import '../ui/desk.css';
import '../ui/form.css';
import '../ui/grid.css';
import { Button, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { DeskFault } from '../data/desk-fault.ts';
import { DeskProvider } from '../data/live.ts';
import type { Moving } from '../data/storage/host/move-from-dexie.ts';
import { SearchProvider } from '../search/use-search.ts';
import { SyncProvider } from '../sync/connection.ts';
import { SessionProvider } from '../sync/session.ts';
import { controls } from '../ui/controls.ts';
import { ControlsContext } from '../ui/field-control.tsx';
import { theme } from '../ui/theme.ts';
import { LockProvider } from '../ui/idle-lock.tsx';
import { ViewBookProvider } from '../ui/view-book.tsx';
import { PortProvider } from '../ui/port.tsx';
import { APP_VERSION } from './app-version.ts';
import { desktopPort } from './desktop-port.ts';
import { Opening } from './opening.tsx';
import { notedRemoval } from './removal.ts';
import { RemovedScreen } from './removed-screen.tsx';
import { router } from './routes.tsx';
import { type Running, startDesk } from './start-desk.ts';
import { StartOver } from './start-over.tsx';
import { viewBook } from './views.ts';

const place = document.getElementById('root');
if (!place) throw new Error('index.html has no #root');
const root = createRoot(place);

const Frame = ({ children }: { readonly children: ReactNode }) => (
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-center" limit={4} autoClose={6000} />
      {children}
    </MantineProvider>
  </StrictMode>
);

function Window({ running }: { readonly running: Running }) {
  return (
    <PortProvider port={running.port}>
      <DeskProvider desk={running.desk}>
        <LockProvider lock={running.lock}>
          <SessionProvider session={running.session}>
            <SyncProvider sync={running.sync}>
              <SearchProvider search={running.search}>
                <ViewBookProvider book={viewBook}>
                  <ControlsContext value={controls}>
                    <RouterProvider router={router} />
                  </ControlsContext>
                </ViewBookProvider>
              </SearchProvider>
            </SyncProvider>
          </SessionProvider>
        </LockProvider>
      </DeskProvider>
    </PortProvider>
  );
}

function CannotOpen({ error }: { readonly error: unknown }) {
  const unreadable = error instanceof DeskFault && ['key_missing', 'wrong_key', 'unreadable'].includes(error.code);
  return (
    <main className="cannot-open">
      <h1>Drover cannot open its records</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <Button onClick={() => window.location.reload()}>Try again</Button>
      {unreadable ? <StartOver port={window.drover} /> : null}
    </main>
  );
}

/** The web app keeps its own files, so that it starts with the server stopped; Electron serves them itself. */
function keepFiles(): void {
  if (import.meta.env.DEV || window.drover !== undefined || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('/sw.js').catch((error: unknown) => {
    // Without it the desk still works while the server is in reach; the sync page says what is missing.
    document.documentElement.dataset['files'] = error instanceof Error ? error.message : String(error);
  });
}

/** Milliseconds of an empty window before it says why. */
const PATIENCE = 800;

function open(): void {
  let moving: Moving | undefined;
  const show = (): void =>
    root.render(
      <Frame>
        <Opening moving={moving} />
      </Frame>,
    );
  const late = setTimeout(show, PATIENCE);
  const opened = startDesk((now) => {
    moving = now;
    show();
  }).finally(() => clearTimeout(late));
  opened.then(
    (running) => {
      root.render(
        <Frame>
          <Window running={running} />
        </Frame>,
      );
      keepFiles();
    },
    (error: unknown) =>
      root.render(
        <Frame>
          <CannotOpen error={error} />
        </Frame>,
      ),
  );
}

if (notedRemoval()) {
  // The databases are on their way out; only the shell's secrets are asked for.
  const none = { get: () => Promise.resolve(undefined), set: () => Promise.resolve(), remove: () => Promise.resolve() };
  root.render(
    <Frame>
      <RemovedScreen port={desktopPort({ version: APP_VERSION, secrets: none })} />
    </Frame>,
  );
} else open();
