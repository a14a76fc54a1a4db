// A visitor writes on a website and a member in the app, and the line between them and the server breaks in every way: the server is
// killed without warning, the browsers are offline, a machine sleeps. Nothing is lost on either side, and nothing comes twice.
//   node e2e/restart.mjs PROGRAM
// The program has the members' app in it.
import { createServer } from 'node:http';
import { ended, insist, step, until } from './steps.mjs';
import { Server } from './walk/server.mjs';
import { launch, signIn } from '../scripts/browser.mjs';
import { rest } from '../scripts/rest.mjs';

const LONG = 60_000;
// Everybody comes in over a line that can be cut, and that stays where it is while servers come and go.
const server = await Server.open(process.argv[2]);
const { url, line, member } = server;

const browser = await launch();
const site = createServer((_, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end(page));
let page = '';
const origin = await new Promise((ready) => site.listen(0, '127.0.0.1', () => ready(`http://127.0.0.1:${site.address().port}`)));
const call = await rest({ url, ...member });
const channel = await call('POST', '/channels', { kind: 'web', name: 'Site', settings: { allowed_origins: [origin] } });
page = `<!doctype html><html lang="en"><title>A shop</title><script async src="${url}/widget.js" data-channel="${channel.id}"></script><h1>A shop</h1></html>`;

async function opened() {
  const one = await (await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } })).newPage();
  one.setDefaultTimeout(LONG);
  return one;
}

// ---- The visitor and the member ---------------------------------------------------------------

const shop = await opened();
const says = async (...texts) => {
  for (const text of texts) {
    await shop.getByRole('textbox').fill(text);
    await shop.getByRole('textbox').press('Enter');
  }
};
const taken = (text) => shop.locator('.line.own', { has: shop.locator('.state'), hasText: text }).waitFor();
const app = await opened();
const composer = app.locator('[data-composer]');
const answers = async (...texts) => {
  for (const text of texts) {
    await composer.fill(text);
    await composer.press('Enter');
  }
};
const inApp = (text) => app.locator('[data-message]', { hasText: text });
const inShop = (text) => shop.locator('.bubble', { hasText: text });

let conversation = '';
/** All that was said, by who said it, in the order in which they did. */
const said = { incoming: [], outgoing: [] };

/** The server has all of it once and in order, and both sides show just that. */
async function allThere() {
  const wanted = Object.values(said).flat();
  for (const text of wanted) await Promise.all([inApp(text).waitFor(), inShop(text).waitFor()]);
  const kept = (await call('GET', `/conversations/${conversation}/messages?limit=100`)).data;
  for (const [side, texts] of Object.entries(said)) {
    const there = kept.filter(({ direction }) => direction === side).map(({ text }) => text);
    insist(there.join() === texts.join(), `The server has ${side} ${there} instead of ${texts}`);
  }
  const sorted = (texts) => [...texts].sort().join();
  await until('the visitor sees all of it once', async () => sorted(await shop.locator('.bubble p').allTextContents()) === sorted(wanted), LONG);
  await until('the member sees all of it once', async () => sorted((await app.locator('[data-message] .text').allTextContents()).map((text) => text.trim())) === sorted(wanted), LONG);
}

/** What the app's line says, from now on: what it says may be gone again sooner than one looks. */
const listen = () =>
  app.evaluate(() => {
    const note = () => globalThis.heard.add(document.querySelector('.line[role=status]')?.textContent?.trim() ?? '');
    globalThis.heard = new Set();
    globalThis.watch?.disconnect();
    globalThis.watch = new MutationObserver(note);
    globalThis.watch.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
const heard = (words) => app.waitForFunction((wanted) => [...globalThis.heard].some((one) => one.includes(wanted)), words);
const quietAgain = async () => {
  await shop.locator('.banner').waitFor({ state: 'hidden' });
  await app.waitForFunction(() => document.querySelector('.line[role=status]')?.textContent.trim() === '');
};

await step('a visitor writes, a member answers', async () => {
  await shop.goto(origin);
  await shop.locator('.launcher').click();
  await says('before');
  said.incoming.push('before');
  await taken('before');
  conversation = (await until('it arrives', async () => (await call('GET', '/conversations')).data.find((one) => one.last_message?.text === 'before'))).id;
  await signIn(app, { url, ...member });
  await app.locator('.list a.row').first().click();
  await inApp('before').waitFor();
  // At once, and not after a while in which it could be taken back: that is a step of its own.
  await app.evaluate(() => localStorage.setItem('parloir.undo', '0'));
  await answers('Welcome');
  said.outgoing.push('Welcome');
  await allThere();
});

await step('the server is killed while both write: nothing is lost, nothing comes twice, and the app says how it is', async () => {
  await listen();
  // Killed between the order and the answer, and then once more with nobody there at all.
  await Promise.all([app.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/messages')).then(() => server.kill()), answers('first while it dies')]);
  await says('one', 'two', 'three');
  await answers('second while it is away', 'third while it is away');
  await composer.fill('Half a sen');
  said.incoming.push('one', 'two', 'three');
  said.outgoing.push('first while it dies', 'second while it is away', 'third while it is away');
  await shop.locator('.banner', { hasText: 'Reconnecting' }).waitFor();
  await heard('Reconnecting');
  await server.start();
  await heard('Catching up');
  await taken('three');
  await allThere();
  await quietAgain();
  insist((await composer.inputValue()) === 'Half a sen', 'What was being written is gone.');
  await composer.fill('');
});

await step('what could still be taken back when the server was killed is sent, once', async () => {
  await app.evaluate(() => localStorage.setItem('parloir.undo', '5'));
  await app.reload();
  await inApp('before').waitFor();
  await Promise.all([app.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().endsWith('/messages')), answers('Held back for a while')]);
  await server.kill();
  await server.start();
  said.outgoing.push('Held back for a while');
  await allThere();
  await app.evaluate(() => localStorage.setItem('parloir.undo', '0'));
  await app.reload();
  await allThere();
});

await step('offline, both go on writing; online again, everything goes and arrives once', async () => {
  await listen();
  for (const one of [shop, app]) await one.context().setOffline(true);
  await says('offline, a visitor');
  await answers('offline, a member');
  await shop.locator('.banner', { hasText: 'No connection' }).waitFor();
  await heard('Reconnecting');
  said.incoming.push('offline, a visitor');
  said.outgoing.push('offline, a member');
  for (const one of [shop, app]) await one.context().setOffline(false);
  await taken('offline, a visitor');
  await heard('Catching up');
  await allThere();
  await quietAgain();
});

await step('what is said while a page is frozen is there when it thaws', async () => {
  for (const one of [app, shop]) {
    const life = await one.context().newCDPSession(one);
    await life.send('Page.setWebLifecycleState', { state: 'frozen' });
    if (one === app) await says('while the app is frozen');
    else await call('POST', `/conversations/${conversation}/messages`, { text: 'while the chat is frozen' });
    await until('the server has it', async () => (await call('GET', `/conversations/${conversation}`)).last_message?.text.startsWith('while the '), LONG);
    await life.send('Page.setWebLifecycleState', { state: 'active' });
    await life.detach();
  }
  said.incoming.push('while the app is frozen');
  said.outgoing.push('while the chat is frozen');
  await allThere();
});

await step('after a sleep, in which the line died without a word, both catch up', async () => {
  for (const one of [app, shop]) await one.clock.install();
  await app.reload();
  await shop.reload();
  await shop.locator('.launcher').click();
  await allThere();
  // Nothing more comes over the streams that are open, nor do they end: as with a machine whose network is gone when it wakes.
  const asleep = line.stall();
  insist(asleep >= 2, `Only ${asleep} streams were open.`);
  await call('POST', `/conversations/${conversation}/messages`, { text: 'while you slept' });
  said.outgoing.push('while you slept');
  insist((await inShop('while you slept').count()) === 0, 'The line is not dead.');
  for (const one of [app, shop]) await one.clock.fastForward('10:00');
  await allThere();
  await says('Good morning');
  said.incoming.push('Good morning');
  await taken('Good morning');
  await allThere();
});

site.close();
await server.close();
await browser.close();
ended();
