import { expect, test } from 'vitest';
import { isKnownSecret } from '../../sync-server/production.ts';
import { settingsFrom } from '../../sync-server/server.ts';

const SECRET = 'k8Jq2-vX0rT5mZ1wB7nP4sD9fG6hL3yC';
const production = {
  NODE_ENV: 'production',
  LOG_LEVEL: 'silent',
  DATABASE_URL: 'postgres://drover:Kq8v2XrT5mZ1@db.example/drover?sslmode=verify-full',
};
const refusal = (more: NodeJS.ProcessEnv): string => {
  try {
    settingsFrom({ ...production, ...more });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

test.each<[string, NodeJS.ProcessEnv]>([
  ['DROVER_SECRET', { DROVER_SECRET: 'changeme-changeme-changeme-changeme' }],
  ['DROVER_SECRET', { DROVER_SECRET: 'a'.repeat(40) }],
  ['DROVER_SECRET', { DROVER_SECRET: 'your-secret-key-here-please-change-it' }],
  ['the password in DATABASE_URL', { DATABASE_URL: 'postgres://postgres:postgres@db/drover' }],
  ['the password in DATABASE_URL', { DATABASE_URL: 'postgres://drover:Password123@db/drover' }],
  ['AWS_SECRET_ACCESS_KEY', { AWS_SECRET_ACCESS_KEY: 'minioadmin' }],
  ['DROVER_OIDC_CLIENT_SECRET', { DROVER_OIDC_CLIENT_SECRET: '<client secret>' }],
  ['the password in DROVER_SMTP_URL', { DROVER_SMTP_URL: 'smtp://drover:secret@mail.example' }],
])('%s that everybody knows is refused in production, and its value is not told', (name, more) => {
  const said = refusal(more);
  expect(said).toContain(`${name} is one that everybody knows`);
  for (const value of Object.values(more)) expect(said).not.toContain(value ?? '');
  expect(() =>
    settingsFrom({ ...production, ...more, NODE_ENV: 'development', DROVER_SMTP_URL: '', DROVER_OIDC_CLIENT_SECRET: '' }),
  ).not.toThrow();
});

test('good secrets are taken, and the peer authentication of a local Postgres needs none', () => {
  expect(refusal({ DROVER_SECRET: SECRET })).toBe('');
  expect(refusal({ DATABASE_URL: 'postgresql:///drover?host=/run/postgresql' })).toBe('');
  for (const good of [SECRET, 'correct horse battery staple', 'Xk2!pq-99-zLm']) expect([good, isKnownSecret(good)]).toEqual([good, false]);
});

test('passwords do not go over a network in the clear', () => {
  expect(refusal({ HOST: '0.0.0.0' })).toContain('unencrypted');
  expect(refusal({ HOST: '0.0.0.0', DROVER_TLS_CERT: 'c', DROVER_TLS_KEY: 'k' })).toBe('');
  expect(refusal({ HOST: '0.0.0.0', DROVER_TRUSTED_PROXIES: '10.0.0.4' })).toBe('');
  expect(refusal({ HOST: '::1' })).toBe('');
  const database = (rest: string): string => refusal({ DATABASE_URL: `postgres://drover:Kq8v2XrT5mZ1@${rest}` });
  expect(database('db.example/drover')).toContain('sslmode=verify-full');
  expect(database('db.example/drover?sslmode=prefer')).toContain('sslmode=verify-full');
  expect(database('127.0.0.1/drover?host=db.example')).toContain('sslmode=verify-full');
  expect(database('db.example/drover')).not.toContain('Kq8v2XrT5mZ1');
  for (const good of [
    'db.example/drover?sslmode=verify-full',
    'db.example/drover?sslmode=disable',
    'localhost/drover',
    '[::1]:5432/drover',
  ])
    expect([good, database(good)]).toEqual([good, '']);
  expect(refusal({ DROVER_PUBLIC_URL: 'http://desk.example.com' })).toContain('https://');
  expect(refusal({ DROVER_PUBLIC_URL: 'http://127.0.0.1:8790' })).toBe('');
  expect(refusal({ DROVER_S3_ENDPOINT: 'http://files.example.com' })).toContain('DROVER_S3_ENDPOINT must start with https://');
  expect(refusal({ DROVER_S3_ENDPOINT: 'https://files.example.com' })).toBe('');
});
