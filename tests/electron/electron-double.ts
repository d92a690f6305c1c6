/**
 * Stands in for Electron where its binary is missing, so that the built main.js can be started and its wiring seen: it
 * records what the shell asks of Electron and plays one window, one page and a second start. Loaded in a child process through
 * a resolve hook, never by vitest. It proves nothing about Chromium: that is what tests/electron/e2e is for.
 */
type Handler = (...args: never[]) => unknown;

const order: string[] = [];
const listeners = new Map<string, Handler[]>();
const handlers = new Map<string, Handler>();
const schemes = new Map<string, (request: { method: string; url: string }) => Promise<Response>>();
const contentsListeners = new Map<string, Handler>();
const opened: string[] = [];
let isReady = false;
let userData = process.env['DOUBLE_USER_DATA'] ?? '';
let windowOptions: unknown;
let loaded = '';
let shown = 0;
let openHandler: ((details: { url: string }) => unknown) | undefined;
let becomeReady: () => void = () => undefined;
const ready = new Promise<void>((resolve) => {
  becomeReady = resolve;
});

const listen = (event: string, handler: Handler): void => {
  listeners.set(event, [...(listeners.get(event) ?? []), handler]);
};
const emit = (event: string, ...args: unknown[]): void => {
  for (const handler of listeners.get(event) ?? []) (handler as (...a: unknown[]) => unknown)(...args);
};

export const app = {
  isPackaged: process.env['DOUBLE_PACKAGED'] === '1',
  enableSandbox: () => order.push(isReady ? 'enableSandbox too late' : 'enableSandbox'),
  setPath: (_name: string, path: string) => {
    userData = path;
  },
  getPath: (name: string) => (name === 'userData' ? userData : '/downloads'),
  getVersion: () => '0.1.0',
  requestSingleInstanceLock: () => process.env['DOUBLE_SECOND'] !== '1',
  on: listen,
  whenReady: () => ready,
  quit: () => order.push('quit'),
  exit: (code: number) => process.exit(code),
};
export const protocol = {
  registerSchemesAsPrivileged: (list: unknown) => order.push(isReady ? 'schemes too late' : `schemes ${JSON.stringify(list)}`),
  handle: (scheme: string, handler: (request: { method: string; url: string }) => Promise<Response>) => schemes.set(scheme, handler),
};
export const ipcMain = { handle: (channel: string, handler: Handler) => handlers.set(channel, handler) };
export const nativeTheme = { shouldUseDarkColors: false };
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }] };
export const shell = {
  openExternal: (url: string) => {
    opened.push(url);
    return Promise.resolve();
  },
};
export const safeStorage = {
  isAsyncEncryptionAvailable: () => Promise.resolve(true),
  getSelectedStorageBackend: () => 'gnome_libsecret',
  encryptStringAsync: (text: string) => Promise.resolve(Buffer.from([...Buffer.from(text)].reverse())),
  decryptStringAsync: (bytes: Buffer) => Promise.resolve({ result: Buffer.from([...bytes].reverse()).toString(), shouldReEncrypt: false }),
};
export const dialog = {
  showErrorBox: (title: string, text: string) => order.push(`error box: ${title}: ${text}`),
  showSaveDialog: () => Promise.resolve({ canceled: true, filePath: '' }),
};
export const Menu = { buildFromTemplate: (template: unknown) => template, setApplicationMenu: () => order.push('menu') };
const guarded: string[] = [];
export const session = {
  defaultSession: {
    setPermissionRequestHandler: () => guarded.push('request'),
    setPermissionCheckHandler: () => guarded.push('check'),
    setDevicePermissionHandler: () => guarded.push('device'),
    on: (event: string) => guarded.push(event),
  },
};

export class BrowserWindow {
  private readonly own = new Map<string, Handler>();
  constructor(options: unknown) {
    windowOptions = options;
    emit(
      'web-contents-created',
      {},
      {
        on: (event: string, handler: Handler) => contentsListeners.set(event, handler),
        setWindowOpenHandler: (handler: (details: { url: string }) => unknown) => {
          openHandler = handler;
        },
      },
    );
  }
  on(event: string, handler: Handler): void {
    this.own.set(event, handler);
  }
  once(event: string, handler: Handler): void {
    this.own.set(event, handler);
  }
  loadURL(url: string): Promise<void> {
    loaded = url;
    this.own.get('ready-to-show')?.();
    queueMicrotask(() => void drive().then(finish, fail));
    return Promise.resolve();
  }
  show(): void {
    shown += 1;
  }
  focus(): void {
    order.push('focus');
  }
  maximize(): void {
    order.push('maximize');
  }
  restore(): void {
    order.push('restore');
  }
  isMinimized(): boolean {
    return true;
  }
  isMaximized(): boolean {
    return false;
  }
  getNormalBounds(): unknown {
    return { x: 1, y: 2, width: 1300, height: 800 };
  }
}

/** What a person and a page would do once the window is open. */
async function drive(): Promise<Record<string, unknown>> {
  const page = { senderFrame: { url: 'app://drover/', parent: null } };
  const invoke = async (name: string, event: unknown, ...args: unknown[]): Promise<unknown> => {
    const handler = handlers.get(name) as ((event: unknown, ...args: unknown[]) => Promise<unknown>) | undefined;
    try {
      return await handler?.(event, ...args);
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  };
  const fetchApp = async (path: string): Promise<unknown> => {
    const answer = await schemes.get('app')?.({ method: 'GET', url: `app://drover${path}` });
    return { status: answer?.status, policy: answer?.headers.get('content-security-policy'), text: (await answer?.text())?.slice(0, 400) };
  };
  emit('second-instance');
  return {
    version: await invoke('drover:version', page),
    secretSet: await invoke('drover:setSecret', page, 'session', 'token'),
    secretGet: await invoke('drover:getSecret', page, 'session'),
    foreign: await invoke('drover:getSecret', { senderFrame: { url: 'https://evil.example/', parent: null } }, 'session'),
    saveCancelled: await invoke('drover:saveFile', page, 'a.csv', new Uint8Array(2)),
    serverChange: await invoke('drover:setServerUrl', page, 'https://sync.example.com'),
    start: await fetchApp('/plants/0198'),
    outside: await fetchApp('/%2e%2e%2felectron%2fmain.js'),
    popup: openHandler?.({ url: 'https://www.fsis.usda.gov/' }),
  };
}

function report(driven: Record<string, unknown>): void {
  process.stdout.write(
    JSON.stringify({
      order,
      windowOptions,
      loaded,
      shown,
      guarded,
      opened,
      userData,
      channels: [...handlers.keys()],
      contentsGuards: [...contentsListeners.keys()],
      driven,
    }),
  );
}
function finish(driven: Record<string, unknown>): void {
  report(driven);
  process.exit(0);
}
function fail(error: unknown): void {
  process.stderr.write(String(error));
  process.exit(1);
}

// Ready comes later than the main module's own code, as in Electron.
setImmediate(() => {
  isReady = true;
  becomeReady();
  if (process.env['DOUBLE_SECOND'] === '1') setImmediate(() => finish({}));
});
