// Walks through the screens and dialogs of the app, the shop's page and the chat on it, on a desk and on a phone:
//   BASE_URL=… EMAIL=… PASSWORD=… SHOP_URL=… [OUT=DIR] [SCALE=2] [ONLY=name,name] [LOOK=no] node e2e/screens.mjs
// Each shuts nobody out (axe, in both themes), needs no scrolling sideways at 320 px, and has its picture taken at three widths in both
// themes (with OUT; LOOK=no takes pictures alone). The member must be an owner. It leaves things behind: it is for a demo.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { accessible, reflows } from './accessible.mjs';
import { ended, step } from './steps.mjs';
import { arrange } from './walk/arrange.mjs';
import { DIALOGS } from './walk/dialogs.mjs';
import { DOOR } from './walk/door.mjs';
import { INBOX } from './walk/inbox.mjs';
import { SETTINGS } from './walk/settings.mjs';
import { SHOP } from './walk/shop.mjs';
import { launch, signIn } from '../scripts/browser.mjs';
import { rest } from '../scripts/rest.mjs';

const { BASE_URL: url = 'http://127.0.0.1:8080', EMAIL: email = '', PASSWORD: password = '', SHOP_URL: shopUrl, OUT: out, SCALE = '1', ONLY, LOOK } = process.env;
const only = ONLY?.split(',');
const DESK = { where: 'on a desk', judged: LOOK !== 'no', look: { viewport: { width: 1440, height: 900 } } };
/** What it has between the two is told by its pictures. */
const TABLET = { where: 'on a tablet', judged: false, look: { viewport: { width: 820, height: 1060 }, hasTouch: true } };
const PHONE = { where: 'on a phone', judged: LOOK !== 'no', look: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } };
const PATIENCE = 10_000;

if (out) mkdirSync(out, { recursive: true });
const browser = await launch();
const call = await rest({ url, email, password });
const told = await arrange(call);

for (const device of out ? [DESK, TABLET, PHONE] : [DESK, PHONE]) {
  const open = () => browser.newContext({ ...device.look, deviceScaleFactor: Number(SCALE), locale: 'en-GB', reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] });
  const context = await open();
  const page = await context.newPage();
  const visitor = await (await open()).newPage();
  for (const one of [page, visitor]) one.setDefaultTimeout(PATIENCE);
  await signIn(page, { url, email, password });
  const around = { url, password, shopUrl, call, told, phone: device === PHONE };
  for (const screen of [...DOOR, ...SHOP]) await walk(screen, visitor, device, around);
  for (const screen of [...INBOX, ...DIALOGS, ...SETTINGS]) await walk(screen, page, device, around);
  await context.close();
  await visitor.context().close();
}
if (out) console.log(`The pictures are in ${out}`);
await browser.close();
ended();

async function walk({ name, open, close, wide = false }, page, device, around) {
  if ((only && !only.includes(name)) || (wide && around.phone)) return;
  await step(`${name} ${device.where}`, async () => {
    await page.goto('about:blank');
    await page.setViewportSize(device.look.viewport);
    await open({ ...around, page });
    await page.locator('[role=status][aria-label=Loading]').first().waitFor({ state: 'detached' });
    if (out) await pictures(page, `${name}-${device.look.viewport.width}`);
    if (!device.judged) return;
    await accessible(page);
    if (!wide) await reflows(page);
  });
  await close?.({ ...around, page }).catch((reason) => console.log(`        ${reason.message}`));
}

async function pictures(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await settled(page);
    await page.screenshot({ path: join(out, `${name}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: 'reduce' });
}

/** Long lists lay their rows out anew some frames after they are there; pictures come when they have been read. */
async function settled(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 6; frame += 1) await new Promise((done) => requestAnimationFrame(done));
    await Promise.all([...document.images].filter((image) => !image.complete).map((image) => new Promise((done) => (image.onload = image.onerror = done))));
  });
}
