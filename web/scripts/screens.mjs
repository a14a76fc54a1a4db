// Takes pictures of every screen of a running app, in both themes and on a phone:
//   node scripts/screens.mjs --url http://127.0.0.1:8080 --email you@example.com --password … --out screens
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, signIn } from './browser.mjs';

const { values: given } = parseArgs({
  options: {
    url: { type: 'string', default: process.env.BASE_URL ?? 'http://127.0.0.1:8080' },
    email: { type: 'string', default: process.env.EMAIL ?? '' },
    password: { type: 'string', default: process.env.PASSWORD ?? '' },
    out: { type: 'string', default: 'screens' },
    /** Words to search for in the search picture. */
    search: { type: 'string', default: 'the' },
  },
});

const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { name: 'tablet', colorScheme: 'light', viewport: { width: 960, height: 720 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
];

mkdirSync(given.out, { recursive: true });
const browser = await launch();
for (const { name, ...look } of LOOKS) {
  const context = await browser.newContext({ ...look, deviceScaleFactor: 2, locale: 'en-GB', reducedMotion: 'reduce' });
  const page = await context.newPage();
  await take(page, name);
  await context.close();
}
await browser.close();

async function take(page, look) {
  const shot = async (screen) => {
    await page.waitForTimeout(350);
    await page.screenshot({ path: join(given.out, `${screen}-${look}.png`) });
  };
  await page.goto(given.url);
  await page.getByLabel('E-mail address').waitFor();
  await shot('sign-in');
  await signIn(page, given);
  const rows = page.locator('.list a.row');
  if (await rows.first().waitFor({ timeout: 5_000 }).then(() => true, () => false)) await conversations(page, rows, look, shot);
  else await shot('empty');
  await overview(page, look, shot);
  await settings(page, look, shot);
  await channels(page, shot);
}

async function overview(page, look, shot) {
  await page.goto(`${given.url}/#/inbox/open`);
  await page.waitForTimeout(1_200);
  if (look === 'phone') {
    await page.getByRole('button', { name: 'Menu' }).click();
    await shot('drawer');
    await page.keyboard.press('Escape');
    return;
  }
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Commands' }).waitFor();
  await shot('palette');
  await page.keyboard.press('Escape');
}

async function settings(page, look, shot) {
  await page.goto(`${given.url}/#/settings`);
  if (look === 'phone') await shot('settings');
  await page.goto(`${given.url}/#/settings/profile`);
  await page.getByRole('heading', { name: 'Profile' }).waitFor();
  await shot('profile');
}

async function conversations(page, rows, look, shot) {
  await shot('list');
  await rows.first().click();
  await page.locator('[data-message]').first().waitFor();
  await shot('thread');
  if (look === 'phone') await page.getByRole('button', { name: 'Contact details' }).click();
  if (look === 'phone' || look === 'tablet') {
    if (look === 'tablet') await page.keyboard.press('i');
    await shot('contact');
    await page.locator('aside').getByRole('button', { name: 'Close' }).click();
  } else {
    await page.getByRole('button', { name: 'Erase this contact…' }).click();
    await shot('erase');
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.keyboard.type('Ask the pottery for a new handle');
    await shot('note');
    await page.locator('[data-composer]').fill('');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await shot('keys');
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type(given.search);
    await shot('search');
    await page.keyboard.press('Escape');
  }
}

async function channels(page, shot) {
  await page.goto(`${given.url}/#/settings/channels`);
  const kind = page.locator('.kinds button').first();
  await kind.waitFor();
  await shot('channels');
  await kind.click();
  await page.getByRole('dialog').waitFor();
  await shot('channel-form');
}
