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

const schemes = ['light', 'dark'] as const;
type Scheme = (typeof schemes)[number];
/** What can be right in one scheme and wrong in the other; the rest of axe's rules do not look at colours. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** One line for each finding: the rule, the element, and how to mend it. */
async function violationsOf(page: Page, rules?: string[]): Promise<string[]> {
  await atRest(page);
  // Otherwise axe opens a page of its own each time, for frames of other origins, of which the desk has none.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`));
}

/** Nothing that axe finds, as the page is. */
export async function expectClean(page: Page, what = 'the page'): Promise<void> {
  expect(await violationsOf(page), what).toEqual([]);
}

/** Nothing that axe finds, in both schemes; the page stays in the dark one. `seen` is done in each, before axe looks. */
export async function expectCleanInBoth(page: Page, what: string, seen?: (scheme: Scheme) => Promise<unknown>): Promise<void> {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await atRest(page);
    await seen?.(colorScheme);
    expect.soft(await violationsOf(page, colorScheme === 'light' ? undefined : OF_COLOURS), `${what}, ${colorScheme}`).toEqual([]);
  }
}

/** The same, with a picture of each. */
export const expectAccessible = (page: Page, what: string): Promise<void> =>
  expectCleanInBoth(page, what, (scheme) => page.screenshot({ path: test.info().outputPath(`${what}-${scheme}.png`), fullPage: true }));
