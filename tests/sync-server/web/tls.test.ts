import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TLSSocket, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLog } from '../../../sync-server/log.ts';
import type { Server } from '../../../sync-server/server.ts';
import { openTls, tlsFilesFrom } from '../../../sync-server/web/tls.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { openTestServer } from '../test-server.ts';
import { makeCertificate } from './certificate.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'drover-tls-'));
const files = { certFile: path.join(folder, 'cert.pem'), keyFile: path.join(folder, 'key.pem') };
const later = new Date(Date.now() + 90 * 86_400_000);
const write = ({ cert, key }: { cert: string; key: string }): void => {
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key);
};
const lines: string[] = [];
const log = openLog('info', { write: (line) => void lines.push(line) });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a server with a certificate', () => {
  let server: Server;
  beforeAll(async () => {
    write(makeCertificate('first', later));
    server = await openTestServer({ nouns: syntheticNouns, tls: files });
  });
  afterAll(() => server.close());

  test('speaks TLS, tells browsers to stay with it, and no TLS of before 1.2', async () => {
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      request(`${server.url}/livez`, { agent: new Agent({ rejectUnauthorized: false }) }, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode, ...answer.headers });
      })
        .on('error', reject)
        .end();
    });
    expect(headers).toMatchObject({ status: 200, 'strict-transport-security': 'max-age=63072000; includeSubDomains' });
    const old = new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect(
        {
          port: Number(new URL(server.url).port),
          host: '127.0.0.1',
          rejectUnauthorized: false,
          maxVersion: 'TLSv1.1',
          minVersion: 'TLSv1',
        },
        () => resolve(socket),
      ).on('error', reject);
    });
    await expect(old).rejects.toThrow(/protocol|alert|ECONNRESET/i);
  });

  test('answers nobody who speaks plain HTTP to it', async () => {
    await expect(fetch(server.url.replace('https:', 'http:') + '/livez')).rejects.toThrow('fetch failed');
  });
});

test('without one there is no such header, unless people reach the desk by https through a proxy', async () => {
  const header = async (publicUrl: string): Promise<string | null> => {
    const plain = await openTestServer({ nouns: syntheticNouns, publicUrl });
    const answer = await fetch(`${plain.url}/livez`);
    await plain.close();
    return answer.headers.get('strict-transport-security');
  };
  expect(await header('http://127.0.0.1:8790')).toBeNull();
  expect(await header('https://desk.example.com')).toBe('max-age=63072000; includeSubDomains');
});

describe('the files', () => {
  const subjectAt = (port: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().subject.CN);
        socket.destroy();
      }).on('error', reject);
    });

  test('are looked at again: a new pair is used by the next connection, half of one or nonsense is not', async () => {
    const { createServer } = await import('node:https');
    write(makeCertificate('before', later));
    const tls = openTls(files, log);
    const https = createServer(tls.options);
    tls.follow(https);
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
    const { port } = https.address() as { port: number };
    expect([await subjectAt(port), tls.look()]).toEqual(['before', false]);

    const after = makeCertificate('after', later);
    writeFileSync(files.certFile, after.cert);
    expect([tls.look(), await subjectAt(port)]).toEqual([false, 'before']);
    writeFileSync(files.keyFile, after.key);
    expect([tls.look(), await subjectAt(port)]).toEqual([true, 'after']);

    const told = (): number => lines.filter((line) => line.includes('cannot be used')).length;
    const before = told();
    writeFileSync(files.certFile, 'no certificate');
    expect([tls.look(), tls.look(), await subjectAt(port)]).toEqual([false, false, 'after']);
    expect(told()).toBe(before + 1);
    expect(lines.join('')).not.toContain('PRIVATE KEY');
    tls.close();
    https.close();
  });

  test('that cannot be used stop the start, with the reason', () => {
    const good = makeCertificate('good', later);
    const start = () => openTls(files, log);
    expect(() => openTls({ ...files, certFile: path.join(folder, 'none.pem') }, log)).toThrow(/DROVER_TLS_CERT names .*none\.pem.*ENOENT/);
    write({ cert: 'x', key: good.key });
    expect(start).toThrow('holds no certificate in PEM');
    write({ cert: good.cert, key: 'x' });
    expect(start).toThrow('holds no private key in PEM');
    write({ cert: good.cert, key: makeCertificate('other', later).key });
    expect(start).toThrow('does not belong to the certificate');
    write(makeCertificate('old', new Date('2021-01-01')));
    expect(start).toThrow('ended on Jan  1 00:00:00 2021 GMT. Renew it.');
  });

  test('that are not renewed in time are warned about', () => {
    write(makeCertificate('soon', new Date(Date.now() + 3.5 * 86_400_000)));
    const before = lines.length;
    openTls(files, log).close();
    expect(lines.slice(before).join('')).toContain('"daysLeft":3');
  });

  test('come from the environment, both or none', () => {
    expect(tlsFilesFrom({})).toBeUndefined();
    expect(tlsFilesFrom({ DROVER_TLS_CERT: 'a', DROVER_TLS_KEY: 'b' })).toEqual({ certFile: 'a', keyFile: 'b' });
    expect(() => tlsFilesFrom({ DROVER_TLS_CERT: 'a' })).toThrow('belong together');
  });
});
