/** What axe finds on a page, asked when nothing on it is fading any more: a colour on its way to another one has no contrast of its own. */
import AxeBuilder from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';

/** Waits until every transition and animation that has an end has reached it. */
async function atRest(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect }) => playState === 'finished' || playState === 'idle' || effect?.getComputedTiming().endTime === Infinity,
      ),
  );
}

/** One line for each finding: the rule, the element, and how to mend it. */
export async function violationsOf(page: Page): Promise<string[]> {
  await atRest(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`));
}

/** Nothing that axe finds, as the page is. */
export async function expectClean(page: Page, what = 'the page'): Promise<void> {
  expect(await violationsOf(page), what).toEqual([]);
}

/** Nothing that axe finds, in both schemes, with a picture of each. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await atRest(page);
    await page.screenshot({ path: test.info().outputPath(`${what}-${colorScheme}.png`), fullPage: true });
    expect.soft(await violationsOf(page), `${what}, ${colorScheme}`).toEqual([]);
  }
}
