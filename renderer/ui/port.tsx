/** The machine's port (files, version), for the screens that need it. */
import { type ReactNode, createContext, use } from 'react';
import type { DesktopPort } from '../../electron/ipc-contract.ts';

const PortContext = createContext<DesktopPort | undefined>(undefined);

export function PortProvider({ port, children }: { readonly port: DesktopPort; readonly children: ReactNode }) {
  return <PortContext value={port}>{children}</PortContext>;
}

export function usePort(): DesktopPort {
  const port = use(PortContext);
  if (!port) throw new Error('usePort outside of PortProvider');
  return port;
}
