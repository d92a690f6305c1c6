/**
 * Renders icon.svg with Chromium into what each installer wants: icon.png, icon.ico (Windows), icon.icns (macOS); and the
 * window's own mark into the pictures of the installed web app (build/web-manifest.ts). The results are committed, so that packaging needs no converter from the network. `node build/icons/render-icons.ts`
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { chromiumSwitches, ensureChromium } from '../chromium.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

async function renderPngs(svg: string, sizes: readonly number[]): Promise<Map<number, Buffer>> {
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: [...chromiumSwitches] });
  try {
    const page = await browser.newPage({ deviceScaleFactor: 1 });
    const images = new Map<number, Buffer>();
    for (const size of sizes) {
      await page.setViewportSize({ width: size, height: size });
      await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
      images.set(size, await page.screenshot({ omitBackground: true }));
    }
    return images;
  } finally {
    await browser.close();
  }
}

const pick = (images: ReadonlyMap<number, Buffer>, size: number): Buffer => {
  const image = images.get(size);
  if (!image) throw new Error(`No picture of ${size} pixels was rendered.`);
  return image;
};

/** An ICO file is a directory of pictures; PNG content is allowed since Windows Vista. */
function icoOf(images: ReadonlyMap<number, Buffer>, sizes: readonly number[]): Buffer {
  const header = Buffer.alloc(6 + 16 * sizes.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(sizes.length, 4);
  let offset = header.length;
  sizes.forEach((size, i) => {
    const image = pick(images, size);
    const at = 6 + 16 * i;
    // 0 means 256 in one byte.
    header.writeUInt8(size % 256, at);
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(image.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += image.length;
  });
  return Buffer.concat([header, ...sizes.map((size) => pick(images, size))]);
}

/** Types of the PNG entries of an ICNS file, by size in pixels. */
const icnsTypes: readonly (readonly [string, number])[] = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
];

function icnsOf(images: ReadonlyMap<number, Buffer>): Buffer {
  const entries = icnsTypes.map(([type, size]) => {
    const image = pick(images, size);
    const head = Buffer.alloc(8);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(image.length + 8, 4);
    return Buffer.concat([head, image]);
  });
  const body = Buffer.concat(entries);
  const head = Buffer.alloc(8);
  head.write('icns', 0, 'latin1');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}

const images = await renderPngs(await readFile(`${here}icon.svg`, 'utf8'), [16, 24, 32, 48, 64, 128, 256, 512, 1024]);
await writeFile(`${here}icon.png`, pick(images, 512));
await writeFile(`${here}icon.ico`, icoOf(images, [16, 24, 32, 48, 64, 128, 256]));
await writeFile(`${here}icon.icns`, icnsOf(images));

const app = fileURLToPath(new URL('../../renderer/app/', import.meta.url));
const mark = await readFile(`${app}drover.svg`, 'utf8');
const marks = await renderPngs(mark, [192, 512]);
await writeFile(`${app}drover-192.png`, pick(marks, 192));
await writeFile(`${app}drover-512.png`, pick(marks, 512));
// A system that cuts icons to its own shape wants the ground up to the edge.
const bleeding = await renderPngs(mark.replace('rx="7"', ''), [512]);
await writeFile(`${app}drover-maskable-512.png`, pick(bleeding, 512));
