import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { menuTemplate } from '../../../electron/main/menu.ts';
import { windowOptions } from '../../../electron/main/window-options.ts';
import { firstState, fitState, readState, rememberState } from '../../../electron/main/window-state.ts';

const laptop = { x: 0, y: 0, width: 1536, height: 824 };
const second = { x: 1536, y: -200, width: 2560, height: 1400 };

describe('the window opens where it was', () => {
  test.each([
    [
      'on the screen where it was',
      { x: 1700, y: -100, width: 1800, height: 1000, maximized: false },
      [laptop, second],
      { x: 1700, y: -100, width: 1800, height: 1000, maximized: false },
    ],
    [
      'in the default place when that screen is gone',
      { x: 1700, y: -100, width: 1800, height: 1000, maximized: true },
      [laptop],
      { ...firstState, maximized: true },
    ],
    [
      'no larger than the screen',
      { x: 10, y: 10, width: 4000, height: 3000, maximized: false },
      [laptop],
      { x: 10, y: 10, width: 1536, height: 824, maximized: false },
    ],
    [
      'no smaller than it can be used',
      { x: 10, y: 10, width: 50, height: 50, maximized: false },
      [laptop],
      { x: 10, y: 10, width: 960, height: 600, maximized: false },
    ],
    [
      'back in reach when its title bar was dragged off',
      { x: 10, y: -500, width: 1200, height: 800, maximized: false },
      [laptop],
      firstState,
    ],
    ['in the first size when nothing was kept', undefined, [laptop], firstState],
    ['in the first size when the file is odd', { width: 'wide', height: null }, [laptop], firstState],
    [
      'wherever the system puts it when only the size is known',
      { width: 1000, height: 700 },
      [laptop],
      { width: 1000, height: 700, maximized: false },
    ],
  ])('%s', (_what, stored, areas, expected) => expect(fitState(stored, areas)).toEqual(expected));

  test('what is remembered at closing is what is read at the next start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drover-window-'));
    const file = join(folder, 'sub', 'window.json');
    let close: () => void = () => undefined;
    const failures: unknown[] = [];
    rememberState(
      {
        getNormalBounds: () => ({ x: 20, y: 30, width: 1200, height: 700 }),
        isMaximized: () => true,
        on: (_event, listener) => (close = listener),
      },
      file,
      (error) => failures.push(error),
    );
    close();
    expect(await readState(file, [laptop])).toEqual({ x: 20, y: 30, width: 1200, height: 700, maximized: true });
    expect(failures).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe('the window itself', () => {
  test('is isolated, sandboxed, without Node, and keeps replicating in the background', () => {
    const { webPreferences } = windowOptions({ preload: '/x/preload.cjs', state: firstState, dark: true, devTools: false });
    expect(webPreferences).toEqual({
      preload: '/x/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      backgroundThrottling: false,
      spellcheck: false,
      devTools: false,
    });
  });

  test.each(['win32', 'linux', 'darwin'])('has a menu with copy and paste on %s, and developer tools only in development', (platform) => {
    const roles = (devTools: boolean): string => JSON.stringify(menuTemplate(platform, devTools));
    expect(roles(false)).toContain('"editMenu"');
    expect(roles(false)).not.toContain('toggleDevTools');
    expect(roles(true)).toContain('toggleDevTools');
    expect(roles(false)).toContain(platform === 'darwin' ? '"appMenu"' : '"quit"');
  });
});
