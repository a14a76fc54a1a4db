// What somebody who means harm could write, shown by the real app in a real browser:
//   BASE_URL=… EMAIL=… PASSWORD=… node e2e/hostile.mjs
// Nothing of it may run, load anything, or break the page. All of it arrives through an API channel.
import { createHmac } from 'node:crypto';
import { mails } from './hostile/mails.mjs';
import { texts } from './hostile/texts.mjs';
import { launch, signIn } from '../scripts/browser.mjs';

const url = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
const member = { url, email: process.env.EMAIL ?? '', password: process.env.PASSWORD ?? '' };
/** As many of one kind in one conversation. */
const A_THREAD = 20;
/** Longer than this nobody waits for a thread, a megabyte of text in it or not (ms). */
const PATIENCE = 10_000;
/** On a desk, and on a phone at night. */
const LOOKS = {
  'on a desk': { viewport: { width: 1360, height: 860 } },
  'on a phone, in the dark': { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: 'dark' },
};
/** Frames with a mail in them that were looked at. */
let drawn = 0;
let passed = 0;
let failed = 0;

async function step(name, run) {
  try {
    // A page that answers nothing any more is a failure, and holds up nobody.
    await Promise.race([run(), new Promise((_, fail) => setTimeout(fail, 120_000, new Error('It does not end.')).unref())]);
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (reason) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(reason?.message ?? reason).split('\n').slice(0, 8).join('\n        ')}`);
  }
}

// ── sending ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function session() {
  const answer = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: member.email, password: member.password }) });
  if (!answer.ok) throw new Error(`Signing in: ${answer.status}`);
  const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  return { cookie, 'x-csrf-token': (await answer.json()).csrf };
}

async function channel() {
  const headers = { ...(await session()), 'content-type': 'application/json' };
  const settings = { webhook_url: 'https://hooks.example.com/parloir' };
  const answer = await fetch(`${url}/api/v1/channels`, { method: 'POST', headers, body: JSON.stringify({ kind: 'api', name: 'Hostile', settings }) });
  if (!answer.ok) throw new Error(`Connecting a channel: ${answer.status} ${await answer.text()}`);
  const made = await answer.json();
  return { hook: made.hook_url.replace(/^https?:\/\/[^/]+/, url), key: Buffer.from(made.shown_once.signing_secret.replace(/^whsec_/, ''), 'base64') };
}

async function post({ hook, key }, event, number) {
  const body = JSON.stringify(event);
  const [id, time] = [`evt_${number}`, String(Math.floor(Date.now() / 1000))];
  const signature = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest('base64');
  const headers = { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` };
  const answer = await fetch(hook, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`Posting ${JSON.stringify(event).slice(0, 80)}: ${answer.status} ${await answer.text()}`);
}

/** Contacts, each with some of the messages; the name of each contact ends with its number, to find it by. */
async function sendAll(to) {
  const all = [...texts(), ...mails().map((html) => ({ name: 'Mail', text: 'A mail', html }))];
  const threads = [];
  for (const [at, { name, text, html }] of all.entries()) {
    const thread = Math.floor(at / A_THREAD);
    threads[thread] = (threads[thread] ?? 0) + 1;
    const contact = { id: `hostile-${thread}`, name: `${name} ${thread}` };
    await post(to, { type: 'message.created', data: { id: `m-${at}`, contact, text, html } }, at);
  }
  return threads;
}

// ── looking ───────────────────────────────────────────────────────────────────────────────────────────────────────

const browser = await launch();
const done = [];
let context;
let page;

async function look(how) {
  await context?.close();
  const here = (context = await browser.newContext({ ...how, locale: 'en-GB', permissions: [] }));
  const shown = (page = await context.newPage());
  page.setDefaultTimeout(PATIENCE);
  await telling(shown);
  page.on('dialog', (dialog) => (done.push(`a dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on('download', (download) => done.push(`a download: ${download.suggestedFilename()}`));
  page.on('pageerror', (error) => done.push(`an error: ${error.message}`));
  here.on('page', (opened) => opened !== shown && done.push(`a window: ${opened.url()}`));
  here.on('requestfinished', (request) => left(request, 'answered'));
  here.on('requestfailed', (request) => left(request, request.failure()?.errorText ?? ''));
}

/** What every script here says on the console: itself, or by setting `__reached` on the page. */
const RAN = '/__reached/';

/** Frames are not asked whether a script ran in them: one in which none may run can leave a question open for good. */
async function telling(shown) {
  await shown.addInitScript((ran) => Object.defineProperty(globalThis, '__reached', { set: () => console.log(ran) }), RAN);
  shown.on('console', (line) => line.text() === RAN && done.push(`a script ran in ${line.location().url.slice(0, 100)}`));
}

/**
 * What left, or would have, had there been such a host. What the policy of a frame stops is told of by the browser, but goes nowhere; nor
 * does what may only come from the same origin, as the parts of a drawing.
 */
function left(request, why) {
  const to = request.url();
  if (!to.startsWith(url) && !/^(blob|data|about):/.test(to) && !/csp|^origin$/i.test(why)) done.push(`a request to ${to.slice(0, 120)} (${why})`);
}

async function nothingHappened() {
  // Two drawings later it has arrived what the frames were just saying.
  await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))));
  if (page.url().split('#')[0].replace(/\/$/, '') !== url) done.push(`the page went to ${page.url()}`);
  const found = done.splice(0);
  if (found.length > 0) throw new Error([...new Set(found)].join('\n'));
}

/** Nothing is wider or longer than the window, and what one works with is where it was. */
async function stillWhole() {
  const faults = await page.evaluate(() => {
    const all = [];
    const whole = document.scrollingElement;
    if (whole.scrollWidth > innerWidth + 1) all.push(`the page is ${whole.scrollWidth} wide`);
    // A phone draws a page that is too wide smaller.
    if (innerWidth > screen.width + 1) all.push(`the page is drawn ${innerWidth} wide`);
    if (whole.scrollHeight > innerHeight + 1) all.push(`the page is ${whole.scrollHeight} high`);
    for (const pane of document.querySelectorAll('main, main *')) {
      const style = getComputedStyle(pane);
      if (/(auto|scroll)/.test(style.overflowX) && pane.scrollWidth > pane.clientWidth + 1 && pane.clientWidth > 0 && !pane.closest('[data-may-scroll]')) {
        all.push(`${pane.tagName}.${pane.className} scrolls sideways: ${pane.scrollWidth} in ${pane.clientWidth}`);
      }
    }
    const composer = document.querySelector('[data-composer]')?.getBoundingClientRect();
    if (!composer || composer.bottom > innerHeight + 1 || composer.width < 100) all.push('the composer is not where it was');
    else {
      const there = document.elementFromPoint(composer.x + composer.width / 2, composer.y + composer.height / 2);
      if (!there?.closest('form')) all.push(`the composer is covered by ${there?.tagName}`);
    }
    return all;
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** How many parts of what is folded are opened in a thread: the longest has some hundred. */
const PARTS = 4;

/** Scrolls through all that is there, so that all of it is drawn once, and opens what is folded. */
async function lookThrough() {
  const log = page.getByRole('log', { name: 'Messages' });
  const more = log.getByRole('button', { name: /^Show more/ }).first();
  let opened = 0;
  for (let turn = 0; turn < 60; turn += 1) {
    const before = await log.evaluate((one) => one.scrollTop);
    await log.evaluate((one) => one.scrollBy(0, -one.clientHeight * 0.8));
    await page.waitForTimeout(40);
    if (opened < PARTS && (await more.isVisible())) {
      await more.evaluate((button) => button.click());
      opened += 1;
    }
    if ((await log.evaluate((one) => one.scrollTop)) === before) break;
  }
}

await step('hostile messages and mails are taken in', async () => {
  globalThis.threads = await sendAll(await channel());
});

for (const [where, how] of Object.entries(LOOKS)) {
  await step(`the list shows all who wrote, whole, ${where}`, async () => {
    await look(how);
    await signIn(page, member);
    await page.locator('.list a.row').nth(5).waitFor();
    await nothingHappened();
  });

  for (const at of globalThis.threads?.keys() ?? []) {
    await step(`thread ${at + 1} of ${globalThis.threads.length} ${where}: nothing runs, nothing is loaded, nothing breaks`, async () => {
      const found = await (await context.request.get(`${url}/api/v1/contacts?q=${encodeURIComponent(` ${at}`)}`)).json();
      const contact = found.data.find((one) => one.identities?.some(({ value }) => value === `hostile-${at}`));
      if (!contact) throw new Error(`Contact ${at} is not found.`);
      const { data } = await (await context.request.get(`${url}/api/v1/conversations?contact=${contact.id}`)).json();
      await page.goto(`${url}/#/inbox/all/${data[0].id}`);
      await page.locator('[data-message]').last().waitFor();
      await stillWhole();
      await lookThrough();
      drawn += page.frames().filter((frame) => frame.url().endsWith('/html')).length;
      await nothingHappened();
      await stillWhole();
    });
  }
}

await step('mails were drawn, and what leaves a page is seen', async () => {
  if (drawn < 20) throw new Error(`Only ${drawn} mails were drawn.`);
  const outside = await context.newPage();
  await telling(outside);
  done.splice(0);
  // Such frames as mails are shown in, but that scripts may run, also in the one within.
  const script = `<script>console.log(${RAN})</script>`;
  const within = `${script}<iframe srcdoc="${script}"></iframe>`.replaceAll('"', '&quot;');
  const whole = `<img src="https://outside.invalid/control.png"><script>window.__reached=1</script><iframe sandbox="allow-scripts" srcdoc="${within}"></iframe>`;
  // Gone to, not filled in: only a page that is gone to is told to tell.
  await outside.goto(`data:text/html,${encodeURIComponent(whole)}`);
  const all = () => done.some((one) => one.includes('control.png')) && done.filter((one) => one.startsWith('a script ran')).length === 3;
  for (let waited = 0; !all() && waited < PATIENCE; waited += 100) await outside.waitForTimeout(100);
  if (!all()) throw new Error(`Not all is seen: ${done}`);
});

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
