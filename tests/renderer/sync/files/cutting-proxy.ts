/** A line between device and server that can be cut after so many bytes, and that counts what went up. */
import { type Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface Line {
  readonly url: string;
  /** Cuts every connection once this many more bytes have gone up, once. */
  cutAfter(bytes: number): void;
  cutNow(): void;
  /** Bytes that went up so far. */
  sent(): number;
  close(): Promise<void>;
}

export async function openLine(target: string): Promise<Line> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let sent = 0;
  let left = Number.POSITIVE_INFINITY;
  const cut = (): void => {
    left = Number.POSITIVE_INFINITY;
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((device) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [device, upstream]) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        device.destroy();
        upstream.destroy();
      });
      // A cut connection is the point of this.
      socket.on('error', () => socket.destroy());
    }
    device.on('data', (chunk) => {
      const part = chunk.subarray(0, left);
      sent += part.byteLength;
      left -= part.byteLength;
      upstream.write(part);
      if (left <= 0) cut();
    });
    upstream.pipe(device);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAfter: (bytes) => {
      left = bytes;
    },
    cutNow: cut,
    sent: () => sent,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      cut();
      await closed;
    },
  };
}
