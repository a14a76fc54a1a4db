// Drives the cookie banner in a real browser, on a page of another origin with a strict Content-Security-Policy, against a running
// server:
//   BASE_URL=… EMAIL=… PASSWORD=… [OUT=folder for pictures] node e2e/consent.mjs
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { accessible } from './accessible.mjs';
import { launch } from '../scripts/browser.mjs';

const url = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
const LONG = 15_000;
const WIDTHS = [320, 768, 1280];
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
const same = (found, expected, what) => insist(JSON.stringify(found) === JSON.stringify(expected), `${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
const until = async (what, look) => {
  const end = Date.now() + LONG;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`It did not happen: ${what}`);
    await new Promise((over) => setTimeout(over, 30));
  }
};

// ---- A member ---------------------------------------------------------------------------------

const member = await signIn();
async function signIn() {
  const answer = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: url }, body: JSON.stringify({ email: process.env.EMAIL, password: process.env.PASSWORD }) });
  insist(answer.ok, 'The member cannot sign in.');
  const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  return { cookie, csrf: (await answer.json()).csrf };
}
async function call(method, path, body) {
  const headers = { cookie: member.cookie, 'x-csrf-token': member.csrf ?? '', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), origin: url };
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  insist(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

// ---- A website --------------------------------------------------------------------------------

const NONCE = 'bm9uY2U';
let tag = '';
let language = 'en';
let asked = [];
const website = createServer((request, answer) => {
  const path = request.url.split('?')[0];
  asked.push(path);
  if (path.endsWith('.js')) return answer.writeHead(200, { 'content-type': 'text/javascript' }).end(`(window.order ??= []).push('${path}')`);
  if (path === '/map') return answer.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><html lang="en"><title>A map</title><main><h1>Here</h1></main></html>');
  const policy = `default-src 'none'; script-src ${url} 'self' 'nonce-${NONCE}'; connect-src ${url}; frame-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;
  answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy });
  answer.end(`<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A shop</title>
    ${tag}
    <script type="text/plain" data-consent="analytics" nonce="${NONCE}">window.ran = (window.ran ?? 0) + 1; document.cookie = '_count_1=x'; localStorage.setItem('_count_2', 'x')</script>
    <script type="text/plain" data-consent="marketing" src="/ad.js"></script>
    <script type="text/plain" data-consent="marketing" src="/pixel.js"></script>
    <script type="text/plain" data-consent="analytics marketing" nonce="${NONCE}">window.both = true</script>
    <main><h1>A shop</h1><p>With a strict policy.</p><button>Buy</button><a href="#" data-consent-open>Cookies</a>
    <iframe title="A map" data-consent="functional" data-consent-src="/map"></iframe></main></html>`);
});
await new Promise((ready) => website.listen(0, '127.0.0.1', ready));
const origin = `http://127.0.0.1:${website.address().port}`;

const cookie = (category, name, provider, days) => ({ category, name, provider, days, purpose: { en: `For ${category}`, it: `Per ${category}` } });
const COOKIES = [cookie('functional', 'map', 'Maps Ltd', null), cookie('analytics', '_count*', 'Shop', 30), cookie('marketing', '_ad', 'Ads Ltd', 90), cookie('profiling', '_profile', 'Ads Ltd', 395)];
const settings = { name: 'A shop', origins: [origin], privacy_url: `${origin}/privacy`, analytics: true, cookies: COOKIES };
const site = await call('POST', '/sites', settings);
const change = (changed) => call('PUT', `/sites/${site.id}`, { ...settings, ...changed });
const named = (id, more = '') => `<script async src="${url}/consent.js" data-site="${id}" ${more}></script>`;
tag = named(site.id);

const browser = await launch();
const complaints = [];
async function visit({ at = '/', ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', reducedMotion: 'reduce', ...options });
  const tab = await context.newPage();
  tab.setDefaultTimeout(LONG);
  tab.on('pageerror', (error) => complaints.push(error.message));
  tab.on('console', (line) => /Content Security Policy|Refused to|Trusted|Parloir:/.test(line.text()) && complaints.push(line.text()));
  tab.sent = [];
  tab.on('request', (request) => request.url().startsWith(url) && tab.sent.push({ what: `${request.method()} ${new URL(request.url()).pathname.split('/').filter(Boolean).at(request.method() === 'POST' ? -1 : 0)}`, body: request.postData() }));
  asked = [];
  await tab.goto(`${origin}${at}`);
  return tab;
}
const banner = (tab) => tab.locator('.banner');
const choice = (tab, name) => banner(tab).locator('.choices').getByRole('button', { name, exact: true });
const again = (tab) => tab.locator('.again');
const told = (tab, what) => tab.sent.filter((one) => one.what === `POST ${what}`).map((one) => JSON.parse(one.body));
const allowed = (tab) => tab.evaluate(() => ['functional', 'analytics', 'marketing', 'profiling'].filter((one) => window.parloirConsent.allows(one)));
const kept = (tab) => tab.evaluate(async () => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie, (await indexedDB.databases()).length]);
const NOTHING = [[], [], '', 0];
const reload = async (tab) => {
  tab.sent.length = 0;
  asked = [];
  await tab.reload();
  await banner(tab).or(again(tab)).first().waitFor();
};

// ---- What must be so --------------------------------------------------------------------------

await step('before a choice nothing optional runs, is asked for, or stored; and the page has one name more', async () => {
  const tab = await visit();
  await banner(tab).waitFor();
  await tab.waitForTimeout(300);
  same(tab.sent.map((one) => one.what), ['GET consent.js', 'GET consent'], 'the program was asked for');
  same(asked.filter((path) => path !== '/favicon.ico'), ['/'], 'the website was asked for');
  same(await kept(tab), NOTHING, 'stored');
  same(await tab.evaluate(() => [window.ran, window.order, window.both]), [null, null, null].map(() => undefined), 'ran');
  const added = await tab.evaluate(() => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const own = new Set(Object.getOwnPropertyNames(frame.contentWindow));
    frame.remove();
    return Object.getOwnPropertyNames(window).filter((name) => !own.has(name) && !/^\d+$/.test(name) && !/^(__|axe|playwright)/i.test(name));
  });
  same(added, ['parloirConsent'], 'globals');
  same(await allowed(tab), [], 'allowed');
  await tab.context().close();
});

const LABELS = {
  en: ['Reject all', 'Accept all', 'Preferences', 'Save choices', 'Close and reject'],
  it: ['Rifiuta tutto', 'Accetta tutto', 'Preferenze', 'Salva le scelte', 'Chiudi e rifiuta'],
  es: ['Rechazar todo', 'Aceptar todo', 'Preferencias', 'Guardar elección', 'Cerrar y rechazar'],
  de: ['Alle ablehnen', 'Alle annehmen', 'Einstellungen', 'Auswahl speichern', 'Schließen und ablehnen'],
};

/** Everything by which one choice could stand out: all that the browser computes of it, but for where it is; and its box. */
const measured = (tab) =>
  tab.locator('.choices button').evaluateAll((all) =>
    all.map((one) => {
      const PLACE = /^(top|right|bottom|left|inset.*|perspective-origin|transform-origin)$/;
      const style = getComputedStyle(one);
      const { x, y, width, height } = one.getBoundingClientRect();
      const fits = one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight;
      const seen = document.elementFromPoint(x + width / 2, y + height / 2) === one.getRootNode().host;
      return { text: one.textContent, looks: [...style].filter((name) => !PLACE.test(name)).map((name) => `${name}:${style.getPropertyValue(name)}`), x, y, width, height, fits, seen };
    }),
  );
function equal(all, labels, where) {
  same(all.map((one) => one.text), labels, where);
  const [first] = all;
  for (const one of all) {
    same([one.width, one.height], [first.width, first.height], `${where}: the size of “${one.text}”`);
    insist([one.x, one.y, one.width, one.height].every(Number.isInteger), `${where}: “${one.text}” lies between pixels: ${JSON.stringify(one)}`);
    const other = one.looks.filter((line, at) => line !== first.looks[at]);
    insist(other.length === 0, `${where}: “${one.text}” looks otherwise: ${other.join('; ')}`);
    insist(one.fits && one.seen, `${where}: “${one.text}” is not seen whole`);
  }
  insist(all.every((one) => one.y === first.y) || all.every((one) => one.x === first.x), `${where}: neither a row nor a column`);
}

for (const [spoken, [reject, accept, preferences, save, close]] of Object.entries(LABELS)) {
  await step(`the choices are equal to the pixel at three widths, in both themes: ${spoken}`, async () => {
    language = spoken;
    const tab = await visit();
    await choice(tab, reject).waitFor();
    same(await banner(tab).getByRole('button', { name: close, exact: true }).count(), 1, 'the X says what it does');
    for (const open of [false, true]) {
      if (open) await choice(tab, preferences).click();
      const labels = [reject, accept, open ? save : preferences];
      for (const width of WIDTHS) {
        for (const colorScheme of ['light', 'dark']) {
          await tab.setViewportSize({ width, height: 800 });
          await tab.emulateMedia({ colorScheme });
          // Not where the pointer or the focus happens to be.
          await tab.mouse.move(0, 0);
          await tab.evaluate(() => document.activeElement?.blur());
          await tab.locator('.choices').scrollIntoViewIfNeeded();
          equal(await measured(tab), labels, `${spoken}, ${width}, ${colorScheme}`);
        }
        const wide = await tab.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
        insist(wide <= 0, `${width}: the page is wider by ${wide}`);
      }
      await accessible(tab);
    }
    await tab.context().close();
    language = 'en';
  });
}

await step('no setting makes them unequal', async () => {
  for (const more of [{ colour: '#ff0000' }, { buttons: { accept: 'large' } }, { text: { en: 'x', accept: 'Yes!' } }]) {
    const refused = await change(more).then(() => false, (reason) => /422/.test(reason.message));
    insist(refused, `${JSON.stringify(more)} was taken`);
  }
  const tab = await visit();
  await banner(tab).waitFor();
  // Nor does the page's own style reach them.
  await tab.evaluate((nonce) => {
    const style = new CSSStyleSheet();
    style.replaceSync('button{font-size:60px!important;background:red!important;display:none!important}');
    document.adoptedStyleSheets = [style];
    return nonce;
  }, NONCE);
  equal(await measured(tab), LABELS.en.slice(0, 3), 'beside the page’s style');
  await tab.context().close();
});

await step('rejecting is kept, recorded once, and asked no more', async () => {
  const tab = await visit();
  await choice(tab, 'Reject all').click();
  await again(tab).waitFor();
  await until('it is recorded', async () => told(tab, 'consent-choices').length === 1);
  const [{ way, categories, signal, version, visitor }] = told(tab, 'consent-choices');
  same([way, categories, signal, version], ['reject', [], false, site.version], 'recorded');
  insist(/^[0-9a-f]{32}$/.test(visitor), visitor);
  same((await kept(tab))[0], [`parloir.consent:${site.id}`], 'stored');
  await until('that it was recorded is kept', () => tab.evaluate(() => !Object.values(localStorage)[0].includes('untold')));
  await reload(tab);
  await tab.waitForTimeout(200);
  insist(!(await banner(tab).isVisible()), 'it is asked again');
  same([told(tab, 'consent-choices').length, await tab.evaluate(() => window.ran), asked.includes('/ad.js')], [0, undefined, false], 'sent, ran, loaded');
  await tab.context().close();
});

await step('the X means no, and so does Escape', async () => {
  for (const act of [(tab) => banner(tab).getByRole('button', { name: 'Close and reject' }).click(), (tab) => choice(tab, 'Accept all').press('Escape')]) {
    const tab = await visit();
    await act(tab);
    await again(tab).waitFor();
    const [{ way, categories }] = await until('it is recorded', async () => (told(tab, 'consent-choices').length ? told(tab, 'consent-choices') : null));
    same([way, categories, await allowed(tab), await tab.evaluate(() => window.ran)], ['close', [], [], undefined], 'closed');
    await tab.context().close();
  }
});

await step('what is consented to runs at once, in order, and nothing else; taken back it ends, and what it kept is gone', async () => {
  const tab = await visit({ at: '/shop?secret=1#part' });
  await tab.evaluate(() => window.parloirConsent.on((granted) => (window.heard = granted)));
  await choice(tab, 'Preferences').click();
  const box = (name) => banner(tab).getByRole('checkbox', { name, exact: true });
  same(await banner(tab).getByRole('checkbox').evaluateAll((all) => all.map((one) => [one.checked, one.disabled])), [[true, true], ...Array(4).fill([false, false])], 'boxes');
  await box('Analytics').check();
  await choice(tab, 'Save choices').click();
  await tab.waitForFunction(() => window.ran === 1);
  same([await allowed(tab), await tab.evaluate(() => [window.heard, window.both])], [['analytics'], [['analytics'], undefined]].map((one) => one), 'allowed');
  const [counted] = await until('the visit is counted', async () => (told(tab, 'visits').length ? told(tab, 'visits') : null));
  same([counted.path, counted.device, counted.site, Object.keys(counted).sort()], ['/shop', 'desktop', site.id, ['device', 'path', 'site', 'visitor']], 'counted');
  insist(counted.visitor !== told(tab, 'consent-choices')[0].visitor, 'the visitor goes by the name of the consent');
  same([asked.includes('/ad.js'), asked.includes('/map')], [false, false], 'loaded');

  await tab.getByRole('link', { name: 'Cookies', exact: true }).click();
  await box('Functional').check();
  await box('Marketing').check();
  await choice(tab, 'Save choices').click();
  await tab.waitForFunction(() => window.order?.length === 2 && window.both);
  same(await tab.evaluate(() => [window.order, window.ran]), [['/ad.js', '/pixel.js'], 1], 'in order, and nothing twice');
  await until('the map is loaded', async () => asked.includes('/map'));
  // What comes onto the page later, too.
  await tab.evaluate(() => {
    const late = document.createElement('iframe');
    late.title = 'Late';
    late.dataset.consent = 'functional';
    late.dataset.consentSrc = '/late.js';
    document.body.append(late);
  });
  await until('what came later is loaded', async () => asked.includes('/late.js'));

  insist(/_count_1/.test(await tab.evaluate(() => document.cookie)), 'the test sets nothing');
  await tab.evaluate(() => window.parloirConsent.open());
  for (const name of ['Analytics', 'Functional', 'Marketing']) await box(name).uncheck();
  await choice(tab, 'Save choices').click();
  await again(tab).waitFor();
  same(await allowed(tab), [], 'allowed');
  same(await kept(tab), [[`parloir.consent:${site.id}`], [], '', 0], 'stored');
  same(await tab.locator('iframe[title="A map"]').getAttribute('src'), 'about:blank', 'the map');
  await until('it is recorded', async () => told(tab, 'consent-choices').length === 3);
  same(told(tab, 'consent-choices').map((one) => [one.way, one.categories]), [['choose', ['analytics']], ['choose', ['functional', 'analytics', 'marketing']], ['withdraw', []]], 'recorded');
  await reload(tab);
  same([await tab.evaluate(() => window.ran), told(tab, 'visits').length], [undefined, 0], 'after withdrawal');
  await tab.context().close();
});

await step('by keyboard alone: it comes first, and the focus goes back to where it was', async () => {
  const tab = await visit();
  await banner(tab).waitFor();
  const focused = () => tab.evaluate(() => (document.activeElement?.shadowRoot?.activeElement ?? document.activeElement)?.textContent);
  same(await tab.evaluate(() => document.activeElement === document.body), true, 'the focus is left alone');
  const seen = [];
  for (let at = 0; at < 6; at += 1) {
    await tab.keyboard.press('Tab');
    seen.push(await focused());
  }
  same(seen, ['Cookie policy', 'Privacy notice', 'Reject all', 'Accept all', 'Preferences', '×'], 'in order');
  await choice(tab, 'Reject all').press('Enter');
  await again(tab).waitFor();
  await tab.getByRole('link', { name: 'Cookies', exact: true }).press('Enter');
  same(await focused(), 'Your choice about cookies', 'the focus');
  await tab.keyboard.press('Escape');
  same([await focused(), await banner(tab).isVisible(), told(tab, 'consent-choices').length], ['Cookies', false, 1], 'closing changes nothing');
  await tab.context().close();
});

await step('a choice counts for six months to the minute, and then it is asked anew', async () => {
  const tab = await visit();
  await choice(tab, 'Accept all').click();
  await until('it is recorded', async () => told(tab, 'consent-choices').length === 1);
  await until('that is kept', () => tab.evaluate((name) => !localStorage.getItem(name).includes('untold'), `parloir.consent:${site.id}`));
  const { at } = await tab.evaluate((name) => JSON.parse(localStorage.getItem(name)), `parloir.consent:${site.id}`);
  const over = new Date(at);
  const month = over.getUTCMonth() + 6;
  over.setUTCMonth(month);
  if (over.getUTCMonth() !== month % 12) over.setUTCDate(0);
  await tab.clock.setFixedTime(over.getTime() - 60_000);
  await reload(tab);
  await again(tab).waitFor();
  insist(!(await banner(tab).isVisible()), 'it is asked too early');
  await tab.waitForFunction(() => window.ran === 1);
  await tab.clock.setFixedTime(over.getTime() + 60_000);
  await reload(tab);
  await banner(tab).waitFor();
  await tab.waitForTimeout(200);
  same([await tab.evaluate(() => window.ran), await allowed(tab), told(tab, 'visits').length], [undefined, [], 0], 'when it is over');
  same((await kept(tab))[0].filter((name) => name.startsWith('parloir.consent')), [], 'stored');
  await tab.context().close();
});

await step('other purposes are asked for anew; other words are not', async () => {
  const tab = await visit();
  await choice(tab, 'Accept all').click();
  await until('it is recorded', async () => told(tab, 'consent-choices').length === 1);
  const worded = await change({ text: { en: 'Other words.' }, cookies: COOKIES.map((one) => ({ ...one, days: 7 })) });
  insist(worded.version !== site.version, 'it is the same version');
  await reload(tab);
  await again(tab).waitFor();
  insist(!(await banner(tab).isVisible()), 'other words are asked for');
  await change({ cookies: COOKIES.map((one) => (one.name === '_ad' ? { ...one, provider: 'Others Ltd' } : one)) });
  await reload(tab);
  await banner(tab).waitFor();
  same(await allowed(tab), [], 'allowed');
  await change({});
  await tab.context().close();
});

await step('Global Privacy Control is a no to marketing and profiling, and says so', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true }));
  const tab = await context.newPage();
  const sent = [];
  tab.on('request', (request) => request.method() === 'POST' && request.url().endsWith('consent-choices') && sent.push(JSON.parse(request.postData())));
  await tab.goto(origin);
  await banner(tab).getByText('Global Privacy Control').waitFor();
  await accessible(tab);
  await choice(tab, 'Preferences').click();
  same(await banner(tab).getByRole('checkbox').evaluateAll((all) => all.map((one) => one.disabled)), [true, false, false, true, true], 'what cannot be chosen');
  await choice(tab, 'Accept all').click();
  await again(tab).waitFor();
  same(await allowed(tab), ['functional', 'analytics'], 'allowed');
  await until('it is recorded', async () => sent.length === 1);
  same([sent[0].signal, sent[0].categories], [true, ['functional', 'analytics']], 'recorded');
  same(asked.includes('/ad.js'), false, 'loaded');
  // Where that leaves nothing to choose, nobody is asked, and nothing is stored.
  const adverts = await call('POST', '/sites', { ...settings, analytics: false, cookies: COOKIES.slice(2) });
  tag = named(adverts.id);
  await tab.evaluate(() => localStorage.clear());
  await tab.reload();
  await again(tab).waitFor();
  same([await banner(tab).isVisible(), (await kept(tab))[0].length, sent.length], [false, 0, 1], 'asked, stored, recorded');
  tag = named(site.id);
  await call('DELETE', `/sites/${adverts.id}`);
  await context.close();
});

await step('where it cannot be asked nothing optional is loaded: on another website, and without a server', async () => {
  const before = complaints.length;
  await change({ origins: ['https://elsewhere.example'] });
  const tab = await visit();
  await until('it complains', async () => complaints.length > before);
  same([await banner(tab).count(), await tab.evaluate(() => window.ran), asked.includes('/ad.js'), await allowed(tab)], [0, undefined, false, []], 'shown, ran, loaded, allowed');
  await tab.context().close();
  await change({});
  complaints.length = before;
});

await step('a choice that did not arrive is told again', async () => {
  const tab = await visit();
  await tab.route('**/consent-choices', (route) => route.abort());
  await choice(tab, 'Accept all').click();
  await again(tab).waitFor();
  await tab.unroute('**/consent-choices');
  await reload(tab);
  const [{ way, categories }] = await until('it is told again', async () => (told(tab, 'consent-choices').length ? told(tab, 'consent-choices') : null));
  same([way, categories.length], ['accept', 4], 'told');
  await tab.context().close();
});

await step('the preview shows it, and keeps and tells nothing', async () => {
  const tab = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  const sent = [];
  tab.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
  await tab.goto(`${url}/consent/${site.id}/preview?lang=de`);
  await choice(tab, 'Alle annehmen').click();
  await again(tab).waitFor();
  same([sent, (await kept(tab)).slice(0, 2)], [[], [[], []]], 'sent and stored');
  await tab.context().close();
});

await step('the policy says what is set in four languages, and shuts nobody out', async () => {
  const tab = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  const { workspace } = await (await fetch(`${url}/consent/${site.id}`)).json();
  for (const [spoken, title] of [['en', 'Cookie policy'], ['it', 'Informativa sui cookie'], ['es', 'Política de cookies'], ['de', 'Cookie-Richtlinie']]) {
    await tab.goto(`${url}/p/${workspace}/cookies?site=${site.id}&lang=${spoken}`);
    await tab.getByRole('heading', { level: 1, name: title }).waitFor();
    for (const { name, provider } of COOKIES) insist((await tab.getByRole('row').filter({ hasText: name }).filter({ hasText: provider }).count()) === 1, `${spoken}: ${name}`);
    await accessible(tab);
  }
  await tab.emulateMedia({ media: 'print' });
  insist(!(await tab.getByRole('navigation').isVisible()), 'the languages are printed');
  await tab.context().close();
});

await step('what was chosen and visited is in the report', async () => {
  const { choices, days, pages } = await call('GET', `/sites/${site.id}/report`);
  const ways = new Set(choices.map((one) => one.way));
  same(['accept', 'choose', 'close', 'reject', 'withdraw'].filter((way) => !ways.has(way)), [], 'ways that are missing');
  insist(days.length > 0 && days.at(-1).views >= 3 && days.at(-1).visitors >= 3, JSON.stringify(days));
  insist(pages.some((one) => one.name === '/shop') && !JSON.stringify(pages).includes('secret'), JSON.stringify(pages));
});

await step('it is small, and a version of it is kept for good', async () => {
  const packed = await fetch(`${url}/consent.js`, { headers: { 'accept-encoding': 'gzip' } });
  const size = Number(packed.headers.get('content-length'));
  insist(packed.headers.get('content-encoding') === 'gzip' && size > 1_000 && size <= 6_000, `${size} bytes`);
  const version = packed.headers.get('etag').slice(1, 33);
  const versioned = await fetch(`${url}/consent.js?v=${version}`);
  insist(/immutable/.test(versioned.headers.get('cache-control')) && !/immutable/.test(packed.headers.get('cache-control')), 'how long it is kept');
});

if (process.env.OUT) await pictures(process.env.OUT);

await step('the page complained of nothing', async () => insist(complaints.length === 0, complaints.join('\n')));

await browser.close();
website.close();
await call('DELETE', `/sites/${site.id}`).catch(() => {});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Pictures at three widths in both themes, to be looked at. */
async function pictures(folder) {
  mkdirSync(folder, { recursive: true });
  for (const width of WIDTHS) {
    for (const colorScheme of ['light', 'dark']) {
      const tab = await visit({ viewport: { width, height: 760 }, colorScheme });
      await banner(tab).waitFor();
      await tab.screenshot({ path: join(folder, `banner-${width}-${colorScheme}.png`) });
      await choice(tab, 'Preferences').click();
      await tab.screenshot({ path: join(folder, `preferences-${width}-${colorScheme}.png`) });
      await tab.context().close();
    }
  }
}
