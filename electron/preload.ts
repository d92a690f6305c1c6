/**
 * The bridge, bundled into one CommonJS file because a sandboxed preload can load nothing else. It offers one function a
 * contract line and never `ipcRenderer` itself, so the page can only name calls that exist.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { BRIDGE, callNames, channelOf } from './ipc-contract.ts';

const bridge = Object.fromEntries(
  callNames.map((name) => [name, (...args: unknown[]): Promise<unknown> => ipcRenderer.invoke(channelOf(name), ...args)]),
);
contextBridge.exposeInMainWorld(BRIDGE, Object.freeze(bridge));
