// Looks through a page for what shuts people out, with axe-core, in both themes.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Throws what is found, however slight, with where it is. */
export async function accessible(page) {
  const all = [];
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Painted, or what is looked at is half in one theme and half in the other.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await settled(page);
    all.push(...(await found(page)).map((line) => `${colorScheme}: ${line}`));
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  if (all.length > 0) throw new Error(all.join('\n'));
}

/** What fades in is looked at once it is there. */
async function settled(page) {
  await page.evaluate(() => {
    const ends = (motion) => Number.isFinite(motion.effect?.getComputedTiming().endTime);
    return Promise.allSettled(document.getAnimations().filter(ends).map((motion) => motion.finished));
  });
}

async function found(page) {
  // Evaluated, not loaded: the page's Content-Security-Policy stays as it is.
  if (!(await page.evaluate('typeof axe === "object"'))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .map(({ id, nodes }) => `${id} at ${nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' and ')} (${nodes.length})`);
}

/** The narrowest that WCAG 2.2 asks for (1.4.10): a window of 1280 at 400 %. Whoever enlarges to 200 % has twice as much. */
const NARROW = 320;

/** Throws when something must be scrolled sideways in a window as narrow as that. Tables that scroll by themselves may. */
export async function reflows(page) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: NARROW, height: before.height });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const wide = await page.evaluate(() => {
    const name = (one) => `${one.tagName.toLowerCase()}.${String(one.className?.baseVal ?? one.className).replaceAll(' ', '.')}`;
    const sideways = [...document.querySelectorAll('body *')].filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0);
    const whole = document.scrollingElement;
    return [...(whole.scrollWidth > innerWidth + 1 ? [`the page is ${whole.scrollWidth} wide`] : []), ...sideways.map((one) => `${name(one)} scrolls sideways`)];
  });
  await page.setViewportSize(before);
  if (wide.length > 0) throw new Error(`At 320 px: ${wide.join('\n')}`);
}
