/**
 * A photo and a PDF are added with the server gone, survive a restart of the window, go up when the server is back, and a
 * second device opens them, bit for bit.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Page, expect, test } from '@playwright/test';
import type { PullAnswer } from '../../domain/protocol/protocol.ts';
import { expectClean } from './accessible.ts';
import { Device, goTo, onStage, signIn } from './desk.ts';

const photo = readFileSync(fileURLToPath(new URL('../../docs/pictures/desk.png', import.meta.url)));
/** More than one part of an upload. */
const pdf = Buffer.concat([Buffer.from('%PDF-1.4\n% a bill of lading\n'), Buffer.alloc(6_000_000, 'x'), Buffer.from('\n%%EOF\n')]);
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const ORDER = '226102';

async function openFiles(page: Page): Promise<void> {
  await goTo(page, 'Purchase orders');
  await page.getByRole('row').filter({ hasText: ORDER }).first().click();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: ORDER })).toBeVisible();
  await page.getByRole('tab', { name: /^Attachments/ }).click();
  await expect(page.getByRole('button', { name: 'Add file' })).toBeVisible();
}
async function addFiles(page: Page, files: readonly { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Add file' }).click()]);
  await chooser.setFiles([...files]);
}
const line = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) });
async function savedHash(page: Page, name: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `Save ${name} to a file` }).click(),
  ]);
  return hashOf(readFileSync(await download.path()));
}

test.describe('files', () => {
  const [field, office] = [new Device(), new Device()];
  const stage = onStage({ field, office }, { story: true });

  test('added offline, sent later, opened on another device', async () => {
    let page = await field.open(stage.server.url);
    await signIn(page, 'broker');
    await openFiles(page);
    await expect(page.getByRole('status').filter({ hasText: 'Online' })).toBeVisible();
    await stage.server.stop();

    await addFiles(page, [
      { name: 'label.png', mimeType: 'image/png', buffer: photo },
      { name: 'BOL 226102.pdf', mimeType: 'application/pdf', buffer: pdf },
      { name: 'virus.pdf', mimeType: 'application/pdf', buffer: Buffer.from('MZ\u0000\u0000 not a PDF') },
    ]);
    await expect(page.getByText('virus.pdf was not added')).toBeVisible();
    await expect(line(page, 'label.png')).toContainText('Waiting to be sent');
    await expect(line(page, 'BOL 226102.pdf')).toContainText('Waiting to be sent');
    await page.screenshot({ path: test.info().outputPath('waiting.png') });
    await expectClean(page);

    // The window is closed and opened again with the server still gone.
    page = await field.open(stage.server.url);
    await openFiles(page);
    await expect(line(page, 'label.png')).toContainText('Waiting to be sent');
    await page.getByRole('button', { name: 'label.png', exact: true }).click();
    await expect(page.getByRole('img', { name: 'label.png' })).toBeVisible();
    await page.screenshot({ path: test.info().outputPath('preview.png') });
    await page.keyboard.press('Escape');
    await expect(page.getByRole('status').filter({ hasText: /2 files waiting \(5\.9 MB\)/ })).toBeVisible();
    await page.getByRole('link', { name: /files waiting/ }).click();
    await expect(page.getByRole('region', { name: 'Files waiting to be sent' })).toContainText('BOL 226102.pdf');
    await page.screenshot({ path: test.info().outputPath('sync-page.png') });
    await expectClean(page);

    await stage.server.start();
    await expect(page.getByRole('region', { name: 'Files waiting to be sent' })).toBeHidden({ timeout: 60_000 });
    await openFiles(page);
    await expect(line(page, 'label.png')).toContainText('On this device');

    const other = await office.open(stage.server.url);
    await signIn(other, 'accounting');
    await openFiles(other);
    await expect(line(other, 'BOL 226102.pdf')).toContainText('On the server');
    expect(await savedHash(other, 'BOL 226102.pdf')).toBe(hashOf(pdf));
    await expect(line(other, 'BOL 226102.pdf')).toContainText('On this device');
    await other.getByRole('button', { name: 'label.png', exact: true }).click();
    await expect(other.getByRole('img', { name: 'label.png' })).toBeVisible();
    await other.keyboard.press('Escape');
    const { documents } = await stage.server.ask<PullAnswer>('/sync/attachments/0/pull?lwt=0&id=&limit=100');
    expect(new Set(documents.map(({ sha256 }) => sha256))).toEqual(new Set([hashOf(photo), hashOf(pdf)]));

    // What was opened once opens again with the server gone.
    await stage.server.stop();
    expect(await savedHash(other, 'label.png')).toBe(hashOf(photo));
    expect([...field.problems, ...office.problems]).toEqual([]);
  });
});
