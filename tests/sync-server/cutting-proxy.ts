/** A TCP proxy in front of a server that cuts connections: where a cable, a tunnel or a load balancer would. */
import { type Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** After how many bytes a connection is cut; absent for never. `down: 0` lets the server work and loses its whole answer. */
export interface Fate {
  /** Bytes from the client. */
  readonly up?: number;
  /** Bytes to the client. */
  readonly down?: number;
}
export interface CuttingProxy {
  readonly url: string;
  /** Decides what becomes of each new connection; all last until told otherwise. */
  fate: () => Fate;
  /** Connections that were cut so far, by fate or by hand. */
  cuts: number;
  /** Sends what follows to another port, such as that of a server that was started anew. */
  pointTo(port: number): void;
  /** Cuts what is open now. */
  cut(): void;
  close(): Promise<void>;
}

/** `port` is the server's, on 127.0.0.1; the proxy listens on `listen`, or on any free one. */
export async function openProxy(port: number, listen = 0): Promise<CuttingProxy> {
  let target = port;
  const open = new Set<() => void>();
  const server = createServer((client) => {
    const { up = Number.POSITIVE_INFINITY, down = Number.POSITIVE_INFINITY } = proxy.fate();
    const upstream = connect(target, '127.0.0.1');
    const end = (): void => {
      open.delete(end);
      client.destroy();
      upstream.destroy();
    };
    const cut = (): void => {
      if (!open.has(end)) return;
      proxy.cuts += 1;
      end();
    };
    open.add(end);
    const pass = (from: Socket, to: Socket, most: number): void => {
      let passed = 0;
      from.on('data', (bytes) => {
        const left = most - passed;
        passed += bytes.length;
        if (bytes.length <= left && left > 0) to.write(bytes);
        // The last bytes are handed on before the cut, so that the other side may act upon them.
        else if (left > 0) to.write(bytes.subarray(0, left), cut);
        else cut();
      });
      // A side that ends or fails ends the other one too.
      from.on('close', end);
      from.on('error', end);
    };
    pass(client, upstream, up);
    pass(upstream, client, down);
  });
  const cutAll = (): void => {
    proxy.cuts += open.size;
    for (const end of open) end();
  };
  await new Promise<void>((resolve) => server.listen(listen, '127.0.0.1', resolve));
  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fate: () => ({}),
    cuts: 0,
    pointTo(next) {
      target = next;
    },
    cut: cutAll,
    async close() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
