// Drives the chat widget in a real browser, on a page of another origin with a strict Content-Security-Policy, against a
// running server; a member answers over the REST API:
//   BASE_URL=… EMAIL=… PASSWORD=… [SHOP_URL=…] [OUT=folder for pictures] node e2e/widget.mjs
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { accessible } from './accessible.mjs';
import { launch } from '../scripts/browser.mjs';

const url = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
const LONG = 15_000;
const mark = Math.random().toString(36).slice(2, 8);
const SECRET = 'an identity secret of the browser test';
let passed = 0;
let failed = 0;

async function step(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (reason) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(reason?.message ?? reason).split('\n').slice(0, 8).join('\n        ')}`);
  }
}
const insist = (condition, what) => {
  if (!condition) throw new Error(what);
};
const until = async (what, look) => {
  const end = Date.now() + LONG;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`It did not happen: ${what}`);
    await new Promise((over) => setTimeout(over, 50));
  }
};

// ---- A member ---------------------------------------------------------------------------------

const member = await signIn();
async function signIn() {
  const answer = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: url }, body: JSON.stringify({ email: process.env.EMAIL, password: process.env.PASSWORD }) });
  insist(answer.ok, 'The member cannot sign in.');
  const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  const { csrf } = await answer.json();
  return { cookie, csrf };
}
async function call(method, path, body) {
  const headers = { cookie: member.cookie, 'x-csrf-token': member.csrf ?? '', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), origin: url };
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  insist(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}
const conversationOf = (text) => until(`“${text}” arrives`, async () => (await call('GET', '/conversations?limit=100')).data.find((one) => one.last_message?.text === text)?.id);
const answers = (conversation, body) => call('POST', `/conversations/${conversation}/messages`, typeof body === 'string' ? { text: body } : body);
const said = async (conversation) => (await call('GET', `/conversations/${conversation}/messages?limit=100`)).data;

// ---- A website --------------------------------------------------------------------------------

let body = '';
const requests = [];
const site = createServer((request, answer) => {
  requests.push(request.url);
  const policy = `default-src 'none'; script-src ${url}; connect-src ${url}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;
  answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy, 'cross-origin-embedder-policy': 'require-corp' });
  answer.end(body);
});
await new Promise((ready) => site.listen(0, '127.0.0.1', ready));
const origin = `http://127.0.0.1:${site.address().port}`;
const channel = await call('POST', '/channels', { kind: 'web', name: `Widget ${mark}`, settings: { allowed_origins: [origin], title: 'Bottega Conti', identity_secret: SECRET, colour: '#8f4a2b' } });
insist(channel.state === 'ready', `The channel does not work: ${channel.state_reason}`);
const change = (settings) => call('PATCH', `/channels/${channel.id}`, { settings });
const page = (more = '', lang = 'en', dir = 'ltr') =>
  `<!doctype html><html lang="${lang}" dir="${dir}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A shop</title>
   <script async src="${url}/widget.js" data-channel="${channel.id}" ${more}></script><main><h1>A shop</h1><p>With a strict policy.</p><button>Buy</button></main></html>`;
body = page();

const browser = await launch();
const complaints = [];
async function visit({ context, ...options } = {}) {
  const of = context ?? (await browser.newContext({ viewport: { width: 1100, height: 760 }, locale: 'en-GB', ...options }));
  const tab = await of.newPage();
  tab.setDefaultTimeout(LONG);
  tab.on('pageerror', (error) => complaints.push(error.message));
  tab.on('console', (line) => /Content Security Policy|Refused to|TrustedHTML|Parloir:/.test(line.text()) && complaints.push(line.text()));
  await tab.goto(origin);
  return tab;
}
const launcher = (tab) => tab.locator('.launcher');
const open = async (tab) => {
  await launcher(tab).click();
  await tab.locator('.panel').waitFor();
};
const box = (tab) => tab.getByRole('textbox', { name: 'Write a message' });
const write = async (tab, text) => {
  await box(tab).fill(text);
  await box(tab).press('Enter');
};
const bubble = (tab, text) => tab.locator('.bubble', { hasText: text });
const sent = (tab, text) => tab.locator('.line.own', { has: tab.locator('.state'), hasText: text });

// ---- What must be so --------------------------------------------------------------------------

const anna = await visit();
const calls = [];
anna.on('request', (request) => request.url().startsWith(url) && calls.push(`${request.method()} ${new URL(request.url()).pathname}`));
let conversation;

await step('before it is opened, nothing is stored, and nothing is sent but for the script and its look', async () => {
  await anna.reload();
  await launcher(anna).waitFor();
  await anna.waitForTimeout(300);
  insist(JSON.stringify([...new Set(calls)].sort()) === JSON.stringify([`GET /chat/${channel.id}/look`, 'GET /widget.js']), calls.join(', '));
  const kept = await anna.evaluate(async () => [localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length]);
  insist(JSON.stringify(kept) === '[0,0,"",0]', JSON.stringify(kept));
  const added = await anna.evaluate(() => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const own = new Set(Object.getOwnPropertyNames(frame.contentWindow));
    frame.remove();
    return Object.getOwnPropertyNames(window).filter((name) => !own.has(name) && !/^\d+$/.test(name) && !/^(__|axe|playwright)/i.test(name));
  });
  insist(added.join() === 'Parloir', `globals: ${added}`);
});

await step('opening it stores nothing either; the first message opens a session, and reaches the member', async () => {
  await open(anna);
  insist(await anna.evaluate(() => localStorage.length) === 0, 'something is stored');
  insist(!calls.some((one) => /sessions|challenge/.test(one)), 'something was sent');
  await anna.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.tagName === 'TEXTAREA');
  await write(anna, `Buongiorno ${mark}`);
  conversation = await conversationOf(`Buongiorno ${mark}`);
  await sent(anna, mark).waitFor();
});

await step('the member’s answer comes at once, with typing before it; and is read', async () => {
  await call('POST', `/conversations/${conversation}/typing`, { on: true });
  await anna.locator('.typing').waitFor();
  await answers(conversation, `Ciao Anna ${mark}\nSee https://example.com/a?b=1.`);
  await bubble(anna, `Ciao Anna ${mark}`).waitFor();
  await anna.locator('.typing').waitFor({ state: 'hidden' });
  insist((await anna.locator('.bubble a').getAttribute('href')) === 'https://example.com/a?b=1', 'the link leads elsewhere');
  await until('the member sees that it was read', async () => (await said(conversation)).some((one) => one.direction === 'outgoing' && one.state === 'read'));
  await call('PATCH', `/conversations/${conversation}`, { read: true });
  await anna.locator('.line.own .sr', { hasText: 'Read' }).first().waitFor({ state: 'attached' });
});

await step('what it says is inert, whatever it is', async () => {
  const hostile = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</' + 'script> javascript:alert(1)';
  await answers(conversation, hostile);
  await bubble(anna, 'onerror').waitFor();
  insist((await anna.evaluate(() => window.hacked)) === undefined, 'it ran');
});

await step('everything is there after a reload, and closed it shows what is unread', async () => {
  await anna.reload();
  await answers(conversation, `Ancora ${mark}`);
  await anna.locator('.badge', { hasText: '1' }).waitFor();
  insist((await launcher(anna).getAttribute('aria-label')) === 'Open chat, 1 unread', 'the button does not say so');
  const told = anna.evaluate(() => new Promise((heard) => window.Parloir.on('unread', heard)));
  await open(anna);
  insist((await told) === 0, 'the page is not told');
  await bubble(anna, `Buongiorno ${mark}`).waitFor();
  await anna.locator('.new').waitFor();
  await anna.locator('.badge').waitFor({ state: 'hidden' });
});

await step('two tabs are in step, over one stream', async () => {
  const second = await visit({ context: anna.context() });
  const streams = [];
  second.on('request', (request) => request.url().endsWith('/events') && streams.push(request.url()));
  await open(second);
  await bubble(second, `Ancora ${mark}`).waitFor();
  await write(second, `From the second tab ${mark}`);
  await sent(anna, `From the second tab ${mark}`).waitFor();
  await answers(conversation, `To both ${mark}`);
  await Promise.all([bubble(anna, `To both ${mark}`).waitFor(), bubble(second, `To both ${mark}`).waitFor()]);
  insist(streams.length === 0, 'the second tab listens, too');
  // The first goes: the second takes over.
  await anna.goto('about:blank');
  await until('the second tab listens', async () => streams.length > 0);
  await answers(conversation, `To the second ${mark}`);
  await bubble(second, `To the second ${mark}`).waitFor();
  await second.close();
  await anna.goto(origin);
  await open(anna);
  await bubble(anna, `To the second ${mark}`).waitFor();
});

await step('offline, what is written waits; online again, it goes once, and what was missed is there', async () => {
  await anna.context().setOffline(true);
  await anna.locator('.banner', { hasText: 'No connection' }).waitFor();
  for (const at of [1, 2, 3]) await write(anna, `Offline ${at} ${mark}`);
  await bubble(anna, `Offline 3 ${mark}`).waitFor();
  await answers(conversation, `Missed ${mark}`);
  await anna.reload().catch(() => {});
  await anna.context().setOffline(false);
  await anna.goto(origin);
  await open(anna);
  await sent(anna, `Offline 3 ${mark}`).waitFor();
  await bubble(anna, `Missed ${mark}`).waitFor();
  const texts = (await said(conversation)).map((one) => one.text).filter((text) => text?.startsWith('Offline'));
  insist(texts.join() === [1, 2, 3].map((at) => `Offline ${at} ${mark}`).join(), texts.join());
  insist((await bubble(anna, `Offline 2 ${mark}`).count()) === 1, 'it is shown twice');
});

await step('an answer that gets lost is asked for again, and nothing comes twice', async () => {
  let lost = 0;
  await anna.route('**/messages', async (route) => {
    if (route.request().method() !== 'POST' || !route.request().postData()?.includes('Lost') || lost++ > 1) return route.continue();
    // The server has it, and the page never hears so.
    await route.fetch();
    return route.abort();
  });
  await write(anna, `Lost ${mark}`);
  await until('it was repeated', async () => lost > 2);
  await sent(anna, `Lost ${mark}`).waitFor();
  await anna.unroute('**/messages');
  const texts = (await said(conversation)).filter((one) => one.text === `Lost ${mark}`);
  insist(texts.length === 1, `${texts.length} times`);
});

await step('files go both ways; a picture is painted, and a page downloads as bytes', async () => {
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FAAhKDveksOjmAAAAAElFTkSuQmCC', 'base64');
  await anna.locator('input[type=file]').setInputFiles([{ name: 'foto.png', mimeType: 'image/png', buffer: png }, { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<script>window.hacked=2</' + 'script>') }]);
  await anna.locator('.chosen .chip').nth(1).waitFor();
  await write(anna, `Two files ${mark}`);
  await until('they are stored', async () => (await said(conversation)).find((one) => one.text === `Two files ${mark}`)?.attachments.filter((one) => one.state === 'stored').length === 2);
  await anna.locator('.picture canvas').first().waitFor();
  const [download] = await Promise.all([anna.waitForEvent('download'), anna.locator('button.chip', { hasText: 'page.html' }).click()]);
  insist(download.suggestedFilename() === 'page.html', download.suggestedFilename());
  insist((await anna.evaluate(() => window.hacked)) === undefined, 'it ran');
});

await step('a button that is tapped answers the member', async () => {
  const created = await call('POST', `/conversations/${conversation}/messages`, { text: `Which day ${mark}?`, buttons: [[{ label: 'Friday', data: 'fri' }, { label: 'Monday', data: 'mon' }]] });
  await anna.locator('.choice', { hasText: 'Friday' }).click();
  const choice = await until('the choice arrives', async () => (await said(conversation)).find((one) => one.choice === 'fri'));
  insist(choice.text === 'Friday' && created.id, 'it says something else');
  await anna.locator('.choice', { hasText: 'Monday' }).waitFor({ state: 'hidden' });
});

await step('by keyboard alone: opened, written, closed, and the focus is where it was', async () => {
  await anna.keyboard.press('Escape');
  await anna.locator('.panel').waitFor({ state: 'hidden' });
  insist(await anna.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className === 'launcher'), 'the focus is lost');
  await anna.keyboard.press('Enter');
  await anna.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.tagName === 'TEXTAREA');
  await anna.keyboard.type(`By keyboard ${mark}`);
  await anna.keyboard.press('Enter');
  await sent(anna, `By keyboard ${mark}`).waitFor();
});

await step('nobody is shut out of an open chat', () => accessible(anna));

await step('age, consent and a name are asked first, and kept as they were given', async () => {
  await change({ minimum_age: '14', consent_text: `You may keep what I write ${mark}.`, privacy_url: `${origin}/privacy`, pre_chat: ['name*', 'email'] });
  const bruno = await visit({ locale: 'en-GB' });
  await bruno.waitForTimeout(200);
  await open(bruno);
  await bruno.getByText('Are you 14 or older?').waitFor();
  await accessible(bruno);
  await bruno.getByRole('button', { name: 'Yes' }).click();
  await accessible(bruno);
  await bruno.getByRole('button', { name: 'Start chat' }).click();
  await bruno.getByText('Please fill this in.').first().waitFor();
  await bruno.getByLabel('Your name').fill('Bruno Verdi');
  await bruno.getByLabel('E-mail address').fill('nonsense');
  await bruno.getByLabel(`You may keep what I write ${mark}.`).check();
  await bruno.getByRole('button', { name: 'Start chat' }).click();
  await bruno.getByText('This is not an e-mail address.').waitFor();
  await bruno.getByLabel('E-mail address').fill('bruno@example.com');
  insist((await bruno.evaluate(() => localStorage.length)) === 0, 'something is stored before the consent');
  await bruno.getByRole('button', { name: 'Start chat' }).click();
  await write(bruno, `From Bruno ${mark}`);
  const his = await call('GET', `/conversations/${await conversationOf(`From Bruno ${mark}`)}`);
  insist(his.contact.name === 'Bruno Verdi', his.contact.name);
  const consents = (await call('GET', `/contacts/${his.contact.id}/consents`)).data;
  insist(consents.length === 1 && consents[0].text_version.startsWith('sha256:'), JSON.stringify(consents));
  await bruno.getByRole('button', { name: 'More' }).click();
  await bruno.getByRole('button', { name: 'End chat and forget it here' }).click();
  await bruno.getByRole('button', { name: 'End chat', exact: true }).click();
  insist((await bruno.evaluate(() => localStorage.length)) === 0, 'something is left');
  await until('the consent is withdrawn', async () => (await call('GET', `/contacts/${his.contact.id}/consents`)).data[0].withdrawn_at);
  await bruno.context().close();
  const carla = await visit();
  await open(carla);
  await carla.getByRole('button', { name: 'No' }).click();
  await carla.getByText('This chat is for people of 14 and older.').waitFor();
  insist((await carla.getByRole('textbox').count()) === 0, 'she can write');
  await carla.context().close();
  await change({ minimum_age: null, consent_text: null, pre_chat: null, privacy_url: null });
});

await step('nobody is here: an address is asked for', async () => {
  await change({ away: 'on' });
  const dario = await visit();
  await open(dario);
  await dario.getByText('Nobody is here right now').waitFor();
  await dario.getByLabel('E-mail address').fill('dario@example.com');
  await dario.getByRole('button', { name: 'Start chat' }).click();
  await write(dario, `Call me ${mark}`);
  const his = await call('GET', `/conversations/${await conversationOf(`Call me ${mark}`)}`);
  const contact = await call('GET', `/contacts/${his.contact.id}`);
  insist(JSON.stringify(contact).includes('dario@example.com'), JSON.stringify(contact));
  await dario.context().close();
  await change({ away: 'off' });
});

const jwt = (sub, name) => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub, name, aud: channel.id, exp: Math.floor(Date.now() / 1000) + 120 })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
};

await step('who is signed in has one thread in all browsers, and leaves nothing behind when they sign out', async () => {
  const proof = jwt(`user-${mark}`, 'Elisa Neri');
  const phone = await visit();
  await phone.evaluate((given) => (window.Parloir.identify(() => given), window.Parloir.open()), proof);
  await phone.locator('.panel').waitFor();
  await write(phone, `Elisa here ${mark}`);
  const hers = await call('GET', `/conversations/${await conversationOf(`Elisa here ${mark}`)}`);
  insist(hers.contact.name === 'Elisa Neri', hers.contact.name);
  await phone.reload();
  await open(phone);
  await phone.waitForTimeout(300);
  insist((await bubble(phone, 'Elisa here').count()) === 0, 'her thread is shown before the page said who is there');
  await phone.evaluate((given) => window.Parloir.identify(given), proof);
  await bubble(phone, `Elisa here ${mark}`).waitFor();
  await phone.evaluate(() => window.Parloir.identify(null));
  await bubble(phone, 'Elisa here').waitFor({ state: 'detached' });
  insist((await phone.evaluate(() => localStorage.length)) === 0, 'something is left');
  await phone.context().close();
});

await step('another website is refused, and says so in its console alone', async () => {
  await change({ allowed_origins: ['https://elsewhere.example'] });
  const tab = await visit();
  await until('the console says why', async () => complaints.some((line) => line.includes('allowed ones')));
  insist((await launcher(tab).count()) === 0, 'the button is there');
  await change({ allowed_origins: [origin] });
  await tab.context().close();
});

await step('on a phone it takes the whole screen, in Italian, and right to left where the page is', async () => {
  body = page('', 'it', 'rtl');
  const phone = await visit({ viewport: { width: 360, height: 700 }, isMobile: true, hasTouch: true, reducedMotion: 'reduce', locale: 'it-IT' });
  await launcher(phone).tap();
  await phone.locator('.panel').waitFor();
  const shown = await phone.locator('.panel').boundingBox();
  insist(shown.x === 0 && shown.y === 0 && shown.width === 360 && shown.height === 700, JSON.stringify(shown));
  await phone.getByText('Buongiorno! Come possiamo aiutarla?').waitFor();
  insist((await phone.locator('.panel').evaluate((panel) => getComputedStyle(panel).direction)) === 'rtl', 'it is left to right');
  insist(!(await launcher(phone).isVisible()), 'the button covers it');
  await accessible(phone);
  await phone.getByRole('button', { name: 'Chiudi la chat' }).first().tap();
  await launcher(phone).waitFor();
  await phone.context().close();
  body = page();
});

if (process.env.SHOP_URL) {
  await step('the demo’s shop has it on its page', async () => {
    const tab = await (await browser.newContext({ locale: 'it-IT' })).newPage();
    await tab.goto(process.env.SHOP_URL);
    await tab.locator('.launcher').click();
    await tab.getByText('Benvenuti alla Bottega Conti!').waitFor();
    await tab.getByRole('button', { name: 'Inizia la chat' }).click();
    await tab.getByRole('textbox', { name: 'Scriva un messaggio' }).fill(`Dal negozio ${mark}`);
    await tab.keyboard.press('Enter');
    await conversationOf(`Dal negozio ${mark}`);
    await tab.context().close();
  });
}

if (process.env.OUT) await pictures(process.env.OUT);

await step('the page complained of nothing', async () => {
  const expected = /allowed ones|ERR_INTERNET_DISCONNECTED/;
  const unexpected = complaints.filter((line) => !expected.test(line) && !/^Access to fetch.*look/.test(line));
  insist(unexpected.length === 0, unexpected.join('\n'));
});

await browser.close();
site.close();
await call('DELETE', `/channels/${channel.id}`).catch(() => {});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Pictures at three widths in both themes, to be looked at. */
async function pictures(folder) {
  mkdirSync(folder, { recursive: true });
  for (const [width, height] of [[1280, 800], [768, 900], [375, 740]]) {
    for (const colorScheme of ['light', 'dark']) {
      const tab = await visit({ context: await browser.newContext({ viewport: { width, height }, colorScheme, deviceScaleFactor: 2, reducedMotion: 'reduce', hasTouch: width < 500, isMobile: width < 500, storageState: await anna.context().storageState() }) });
      const shot = (name) => tab.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) });
      await launcher(tab).waitFor();
      await tab.waitForTimeout(700);
      await shot('closed');
      await open(tab);
      await tab.waitForTimeout(700);
      await shot('thread');
      await tab.context().close();
    }
  }
  await change({ minimum_age: '14', consent_text: 'I agree that what I write here is kept for two years to answer me.', privacy_url: `${origin}/privacy`, pre_chat: ['name*', 'email'] });
  for (const [width, height, colorScheme] of [[1280, 800, 'light'], [1280, 800, 'dark'], [375, 740, 'light'], [375, 740, 'dark']]) {
    const tab = await visit({ viewport: { width, height }, colorScheme, deviceScaleFactor: 2, reducedMotion: 'reduce' });
    await open(tab);
    await tab.waitForTimeout(300);
    await tab.screenshot({ path: join(folder, `age-${width}-${colorScheme}.png`) });
    await tab.getByRole('button', { name: 'Yes' }).click();
    await tab.getByRole('button', { name: 'Start chat' }).click();
    await tab.screenshot({ path: join(folder, `form-${width}-${colorScheme}.png`) });
    await tab.getByRole('button', { name: 'More' }).click();
    await tab.screenshot({ path: join(folder, `menu-${width}-${colorScheme}.png`) });
    await tab.context().close();
  }
  await change({ minimum_age: null, consent_text: null, pre_chat: null, privacy_url: null });
}
