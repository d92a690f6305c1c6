/** Where the window was, so that it opens there again, unless that screen is gone. */
import { isRecord, readJson, writeJsonNow } from './json-file.ts';

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface WindowState {
  readonly width: number;
  readonly height: number;
  /** Absent: the operating system picks the place. */
  readonly x?: number;
  readonly y?: number;
  readonly maximized: boolean;
}

export const firstState: WindowState = { width: 1440, height: 900, maximized: false };
export const MIN_WIDTH = 960;
export const MIN_HEIGHT = 600;
/** How much of the title bar must be on a screen for the window to be found and dragged. */
const GRIP = 100;

const isSize = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 100_000;

/** `areas` are the work areas of the displays that are connected now. */
export function fitState(stored: unknown, areas: readonly Bounds[]): WindowState {
  if (!isRecord(stored) || !isSize(stored['width']) || !isSize(stored['height'])) return firstState;
  const width = Math.max(MIN_WIDTH, stored['width']);
  const height = Math.max(MIN_HEIGHT, stored['height']);
  const maximized = stored['maximized'] === true;
  const { x, y } = stored;
  if (!isSize(x) || !isSize(y)) return { width, height, maximized };
  const area = areas.find((a) => x + width - GRIP > a.x && x + GRIP < a.x + a.width && y >= a.y && y + GRIP < a.y + a.height);
  if (!area) return { ...firstState, maximized };
  return { x, y, width: Math.min(width, area.width), height: Math.min(height, area.height), maximized };
}

/** The part of Electron's BrowserWindow that is remembered. */
export interface RememberedWindow {
  getNormalBounds(): Bounds;
  isMaximized(): boolean;
  on(event: 'close', listener: () => void): unknown;
}

export const readState = async (file: string, areas: readonly Bounds[]): Promise<WindowState> => fitState(await readJson(file), areas);

/** Writes once, when the window closes; `failed` hears of a disk that refuses, which must not keep the window open. */
export function rememberState(window: RememberedWindow, file: string, failed: (error: unknown) => void): void {
  window.on('close', () => {
    try {
      writeJsonNow(file, { ...window.getNormalBounds(), maximized: window.isMaximized() });
    } catch (error) {
      failed(error);
    }
  });
}
