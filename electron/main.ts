/**
 * The shell's process: wires Electron to the plain modules beside it. No logic here, because nothing that imports Electron
 * can be loaded where its binary is missing. Everything up to `whenReady` runs synchronously: a privileged scheme can only be
 * registered before the app is ready, and an awaited line before it could come too late.
 */
import { join } from 'node:path';
import { BrowserWindow, Menu, app, dialog, ipcMain, nativeTheme, protocol, safeStorage, screen, session, shell } from 'electron';
import type { DesktopPort } from './ipc-contract.ts';
import { answerAppRequest, schemePrivileges } from './main/app-protocol.ts';
import { openBrowserSignIn } from './main/browser-sign-in.ts';
import { guardNavigation, guardSession } from './main/guards.ts';
import { registerCalls } from './main/ipc-registration.ts';
import { menuTemplate } from './main/menu.ts';
import { APP_HOST, APP_SCHEME, APP_START } from './main/own-page.ts';
import { saveFile } from './main/save-file.ts';
import { openSecretStore } from './main/secret-store.ts';
import { type ServerAddress, openServerAddress } from './main/server-address.ts';
import { windowOptions } from './main/window-options.ts';
import { readState, rememberState } from './main/window-state.ts';

const here = import.meta.dirname;
const devTools = !app.isPackaged;
/** stderr is where a desktop program's failures go until the shell has a log file of its own. */
const report = (error: unknown): void => {
  process.stderr.write(`drover: ${error instanceof Error ? error.message : String(error)}\n`);
};

app.enableSandbox();
// The folder of everything local may be set from outside, so that tests and `npm start` never touch a user's own data.
const local = process.env['DROVER_DATA'];
if (local) app.setPath('userData', join(local, 'desktop'));
const inUserData = (name: string): string => join(app.getPath('userData'), name);

protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: schemePrivileges }]);

let mainWindow: BrowserWindow | undefined;

function focusWindow(): void {
  if (!mainWindow) return;
  if (mainWindow.isMinimized()) mainWindow.restore();
  mainWindow.show();
  mainWindow.focus();
}

function portOf(server: ServerAddress): DesktopPort {
  const secrets = openSecretStore(inUserData('secrets.json'), safeStorage, process.platform);
  const signInByBrowser = openBrowserSignIn({ serverUrl: () => server.current(), openExternal: (url) => shell.openExternal(url) });
  return {
    signInByBrowser,
    version: () =>
      Promise.resolve({ app: app.getVersion(), shell: `${process.platform} ${process.arch}, Electron ${process.versions.electron}` }),
    serverUrl: () => Promise.resolve(server.current()),
    setServerUrl: (url) => server.change(url),
    getSecret: (name) => secrets.get(name),
    setSecret: (name, value) => secrets.set(name, value),
    removeSecret: (name) => secrets.remove(name),
    saveFile: (name, bytes) =>
      saveFile(
        {
          folder: () => app.getPath('downloads'),
          askForPath: async (defaultPath) => {
            const answer = await (mainWindow ? dialog.showSaveDialog(mainWindow, { defaultPath }) : dialog.showSaveDialog({ defaultPath }));
            return answer.canceled ? undefined : answer.filePath;
          },
        },
        name,
        bytes,
      ),
  };
}

async function openWindow(): Promise<void> {
  const stateFile = inUserData('window.json');
  const areas = screen.getAllDisplays().map((display) => display.workArea);
  const state = await readState(stateFile, areas);
  const window = new BrowserWindow(
    windowOptions({ preload: join(here, 'preload.cjs'), state, dark: nativeTheme.shouldUseDarkColors, devTools }),
  );
  mainWindow = window;
  if (state.maximized) window.maximize();
  rememberState(window, stateFile, report);
  window.once('ready-to-show', () => window.show());
  window.on('closed', () => {
    mainWindow = undefined;
  });
  await window.loadURL(APP_START);
}

async function start(): Promise<void> {
  const server = await openServerAddress(inUserData('settings.json'), process.env['DROVER_SERVER']);
  protocol.handle(APP_SCHEME, (request) =>
    answerAppRequest({ root: join(here, '..', 'renderer'), serverUrl: () => server.current() }, request),
  );
  guardSession(session.defaultSession);
  registerCalls(ipcMain, portOf(server), report);
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, devTools)));
  app.on('activate', () => {
    if (!mainWindow) openWindow().catch(report);
  });
  await openWindow();
}

if (app.requestSingleInstanceLock({ host: APP_HOST })) {
  app.on('second-instance', focusWindow);
  app.on('web-contents-created', (_event, contents) => {
    guardNavigation(contents, (url) => void shell.openExternal(url).catch(report));
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => {
      report(error);
      dialog.showErrorBox('Drover could not start', error instanceof Error ? error.message : String(error));
      app.exit(1);
    });
} else {
  app.quit();
}
