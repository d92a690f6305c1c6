/** How the window is made. Each switch here is asserted by a test, because a wrong one is not visible by eye. */
import { MIN_HEIGHT, MIN_WIDTH, type WindowState } from './window-state.ts';

export interface WindowParameters {
  /** Absolute path of the bundled bridge. */
  readonly preload: string;
  readonly state: WindowState;
  readonly dark: boolean;
  /** Developer tools: on in development, off in what users install. */
  readonly devTools: boolean;
}

export function windowOptions({ preload, state, dark, devTools }: WindowParameters) {
  const { maximized: _maximized, ...bounds } = state;
  return {
    ...bounds,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    title: 'Drover',
    // Shown when the first frame is painted: no white flash.
    show: false,
    backgroundColor: dark ? '#1a1b1e' : '#ffffff',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      // Replication goes on while the window is minimised.
      backgroundThrottling: false,
      // Its dictionaries come from a public server on Windows and Linux; the desk talks to its own server only.
      spellcheck: false,
      devTools,
    },
  } as const;
}
