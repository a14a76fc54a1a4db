// Reading: what contacts send, in the member's browser, live, on a running demo:
//   BASE_URL=… EMAIL=… PASSWORD=… PHONE_URL=… SHOP_URL=… node e2e/thread.mjs
// The member must be an owner. It leaves messages, and a channel, behind.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { accessible } from './accessible.mjs';
import { openDesk, threadOf } from './desk.mjs';
import { ended, insist, mark, step, until } from './steps.mjs';

const desk = await openDesk();
const { call, url } = desk;
const picture = readFileSync(new URL('../public/icon-192.png', import.meta.url));
const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
const HTML = Buffer.from('<!doctype html><title>A page</title><script>globalThis.__reached = 1; fetch("https://outside.invalid/")</script><p>Hello');

const [sofia, elena] = await Promise.all(['Sofia Ferri', 'Elena Ricci'].map(desk.conversationWith));
const page = await desk.member();
const [phone, elenas] = await Promise.all([desk.phone('telegram', 'Sofia Ferri'), desk.phone('whatsapp', 'Elena Ricci')]);
const { composer, saying, write, went, holdFor } = threadOf(page);
const dialog = page.getByRole('dialog');
const log = page.getByRole('log', { name: 'Messages' });
const again = async () => {
  for (let layer = 0; layer < 3; layer += 1) await page.keyboard.press('Escape');
  await composer.fill('', { timeout: 1_000 });
};
const does = (name, run) => step(name, run, again);
await desk.open(page, sofia.id);
await holdFor('Not at all');

await does('who comes back to a conversation finds it as alive as before', async () => {
  await desk.open(page, elena.id);
  await desk.open(page, sofia.id);
  await phone.says(`Still there ${mark}?`);
  await saying(`Still there ${mark}?`).waitFor();
  await write(`Still here ${mark}`);
  await went(`Still here ${mark}`);
  await phone.hears(`Still here ${mark}`);
});

// ── live ──────────────────────────────────────────────────────────────────────────────────────────────────────────

await does('each sees that the other types', async () => {
  const visitor = await desk.window();
  await visitor.goto(desk.shopUrl);
  await visitor.locator('.launcher').click();
  const box = visitor.locator('.panel textarea');
  const name = visitor.locator('.panel input[type=text], .panel input:not([type])').first();
  await box.or(name).first().waitFor();
  if (await name.isVisible()) {
    await name.fill(`Vera ${mark}`);
    await visitor.locator('.panel button[type=submit], .panel form .primary').first().click();
  }
  await box.fill(`From the website ${mark}`);
  await box.press('Enter');
  const { id } = await until('it has arrived', async () => (await call('GET', '/conversations?limit=100')).data.find((one) => one.last_message?.text === `From the website ${mark}`));
  await desk.open(page, id);
  await saying(`From the website ${mark}`).waitFor();
  await box.pressSequentially('I am still writing', { delay: 20 });
  await page.getByRole('status').getByText('is typing').waitFor();
  await composer.pressSequentially('So am I', { delay: 20 });
  await visitor.locator('.typing').waitFor();
  await composer.fill('');
  await visitor.context().close();
});

await does('the phone shows that the member types', async () => {
  await desk.open(page, sofia.id);
  await composer.pressSequentially('I am writing', { delay: 20 });
  await phone.page.locator('#status', { hasText: 'typing' }).waitFor();
  await composer.fill('');
});

await does('another member who writes in the same conversation is seen', async () => {
  const marco = await desk.window();
  await marco.goto(url);
  await marco.getByRole('region', { name: 'This is a demo' }).getByRole('button', { name: 'Marco Bianchi' }).click();
  await marco.locator('nav').first().waitFor({ state: 'attached' });
  await desk.open(marco, sofia.id);
  await page.getByRole('status').locator('.spoken', { hasText: 'Marco Bianchi is looking at this, too' }).waitFor({ state: 'attached' });
  await marco.locator('[data-composer]').pressSequentially('Buon', { delay: 20 });
  await page.getByRole('status').locator('.spoken', { hasText: 'Marco Bianchi is writing an answer' }).waitFor({ state: 'attached' });
  await accessible(page);
  await marco.locator('[data-composer]').fill('');
  await marco.context().close();
});

await does('what is changed on either side is changed on the other', async () => {
  await phone.says(`Frist ${mark}`);
  await saying(`Frist ${mark}`).waitFor();
  await phone.does(`Frist ${mark}`, 'Edit');
  await phone.says(`First ${mark}`);
  await saying(`First ${mark}`).getByText('edited').waitFor();
  await write(`Secnod ${mark}`);
  await went(`Secnod ${mark}`);
  await saying(`Secnod ${mark}`).getByRole('button', { name: 'More' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Edit message' }).waitFor();
  await accessible(page);
  await page.getByRole('menuitem', { name: 'Edit message' }).press('Enter');
  await accessible(page);
  await page.getByRole('textbox', { name: 'Edit message' }).fill(`Second ${mark}`);
  await page.keyboard.press('Enter');
  await phone.bubble(`Second ${mark}`).getByText('edited').waitFor();
});

await does('what is taken back on either side is gone on the other, and a mark stays', async () => {
  const id = await saying(`Second ${mark}`).getAttribute('data-message');
  await saying(`Second ${mark}`).getByRole('button', { name: 'More' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Take back…' }).press('Enter');
  await dialog.getByText('They may have read it already.').waitFor();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Take back' }).click();
  await page.locator(`[data-message="${id}"]`).getByText('This message was removed.').waitFor();
  await phone.bubble(`Second ${mark}`).waitFor({ state: 'detached' });
  // WhatsApp tells what was deleted only to businesses that have the number on a telephone, too.
  const [number] = await desk.sim('GET', '/sim/whatsapp/numbers');
  await desk.sim('PATCH', `/sim/whatsapp/numbers/${number.id}`, { coexistence: true });
  await desk.open(page, elena.id);
  await elenas.says(`By mistake ${mark}`);
  const row = saying(`By mistake ${mark}`);
  const theirs = await row.getAttribute('data-message');
  await elenas.does(`By mistake ${mark}`, 'Delete');
  await page.locator(`[data-message="${theirs}"]`).getByText('This message was removed.').waitFor();
  await desk.sim('PATCH', `/sim/whatsapp/numbers/${number.id}`, { coexistence: false });
});

// ── files ─────────────────────────────────────────────────────────────────────────────────────────────────────────

await does('pictures are shown, and large when one wants', async () => {
  await desk.open(page, sofia.id);
  await phone.page.locator('#words').fill(`A picture ${mark}`);
  await phone.sends('photo', { name: 'icon.png', mimeType: 'image/png', buffer: picture });
  const open = saying(`A picture ${mark}`).getByRole('button', { name: /^Open the picture/ });
  await until('it is drawn', () => open.locator('img').evaluate((image) => image.complete && image.naturalWidth > 0));
  await open.press('Enter');
  await until('it is drawn large', () => dialog.locator('.stage img').evaluate((image) => image.complete && image.naturalWidth > 0));
  await accessible(page);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

/** Half a second of a tone: 8,000 samples a second, 8 bits each. */
function tone() {
  const samples = Buffer.from(Array.from({ length: 4_000 }, (_, at) => 128 + Math.round(60 * Math.sin(at / 3))));
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  for (const [at, size, value] of [[16, 4, 16], [20, 2, 1], [22, 2, 1], [24, 4, 8_000], [28, 4, 8_000], [32, 2, 1], [34, 2, 8], [40, 4, samples.length]]) head.writeUIntLE(value, at, size);
  head.write('data', 36);
  return Buffer.concat([head, samples]);
}

await does('a sound is a player with a name, and plays', async () => {
  await phone.sends('document', { name: `tone-${mark}.wav`, mimeType: 'audio/wav', buffer: tone() });
  const sound = page.getByLabel(`tone-${mark}.wav`).and(page.locator('audio'));
  await until('it can be played', () => sound.evaluate((one) => one.readyState >= 1 && one.duration > 0.4));
  await accessible(page);
});

/** A film of half a second, as the browser itself records it. */
async function film() {
  const data = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    const drawing = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm' });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const over = new Promise((done) => (recorder.onstop = done));
    recorder.start();
    for (let at = 0; at < 12; at += 1) {
      drawing.fillStyle = `hsl(${at * 30} 60% 50%)`;
      drawing.fillRect(0, 0, 64, 48);
      await new Promise((next) => setTimeout(next, 50));
    }
    recorder.stop();
    await over;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  return Buffer.from(data, 'base64');
}

await does('a film plays when it is opened', async () => {
  await phone.sends('document', { name: `film-${mark}.webm`, mimeType: 'video/webm', buffer: await film() });
  await page.getByRole('button', { name: `Play the video film-${mark}.webm` }).press('Enter');
  const video = dialog.locator('video');
  await until('it plays', () => video.evaluate((one) => one.readyState >= 2 && !one.error));
  await accessible(page);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

await does('a PDF is previewed as what it is', async () => {
  await phone.sends('document', { name: `plan-${mark}.pdf`, mimeType: 'application/pdf', buffer: PDF });
  await page.getByRole('button', { name: `Preview plan-${mark}.pdf` }).press('Enter');
  await dialog.locator('iframe[src^="blob:"]').waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

await does('any other file is a download, and inert', async () => {
  await phone.sends('document', { name: `page-${mark}.html`, mimeType: 'text/html', buffer: HTML });
  const row = saying(`page-${mark}.html`);
  const link = row.getByRole('link', { name: `Download page-${mark}.html` });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  insist(download.suggestedFilename() === `page-${mark}.html`, `It downloads as ${download.suggestedFilename()}.`);
  insist((await row.getByRole('button', { name: /Preview|Open/ }).count()) === 0, 'It can be opened.');
  // Even when its address is opened by itself.
  const opened = await page.context().newPage();
  const address = new URL(await link.getAttribute('href'), url).href;
  await Promise.all([opened.waitForEvent('download'), opened.goto(address).catch(() => {})]);
  insist(!(await opened.evaluate(() => globalThis.__reached)), 'It ran.');
  await opened.close();
});

// ── mail ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Posts to an API channel as its system does, signed (Standard Webhooks). */
async function post({ hook_url, shown_once }, event) {
  const body = JSON.stringify(event);
  const [id, time] = [`evt_${mark}_${event.data.id}`, String(Math.floor(Date.now() / 1000))];
  const signature = createHmac('sha256', Buffer.from(shown_once.signing_secret.replace(/^whsec_/, ''), 'base64')).update(`${id}.${time}.`).update(body).digest('base64');
  const answer = await fetch(hook_url.replace(/^https?:\/\/[^/]+/, url), { method: 'POST', headers: { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` }, body });
  insist(answer.ok, `Posting: ${answer.status}`);
}

await does('a mail is shown in a frame that can do nothing, and loads pictures only when one asks for them', async () => {
  const channel = await call('POST', '/channels', { kind: 'api', name: `Mail ${mark}`, settings: { webhook_url: 'https://hooks.example.com/parloir' } });
  const html = '<h1>Your invoice</h1><p>Dear customer, <b>thank you</b>.</p><img src="https://pictures.example/pixel.png" alt="A pixel"><script>globalThis.__reached = 1</script>';
  await post(channel, { type: 'message.created', data: { id: 'mail', contact: { id: `mail-${mark}`, name: `Mailer ${mark}` }, text: 'Your invoice\n\nDear customer, thank you.', html } });
  const asked = [];
  await page.route('https://pictures.example/**', (route) => {
    asked.push(route.request().url());
    return route.fulfill({ contentType: 'image/png', body: picture });
  });
  await desk.open(page, (await desk.conversationWith(`Mailer ${mark}`)).id);
  const frame = page.locator('iframe[title="The mail"]');
  insist((await frame.getAttribute('sandbox')) === '', 'The frame may do things.');
  const mail = page.frameLocator('iframe[title="The mail"]');
  await mail.getByRole('heading', { name: 'Your invoice' }).waitFor();
  await page.getByText('Pictures from elsewhere are not loaded').waitFor();
  await accessible(page);
  insist(asked.length === 0, 'A picture was asked for.');
  await page.getByRole('button', { name: 'Load them' }).click();
  await mail.getByRole('heading', { name: 'Your invoice' }).waitFor();
  await until('the picture is asked for', () => asked.length > 0);
  await page.getByRole('button', { name: 'As text' }).click();
  await page.getByText('Dear customer, thank you.').first().waitFor();
  await frame.waitFor({ state: 'detached' });
  // The browser told of what it did not load.
  desk.complaints.splice(0, desk.complaints.length, ...desk.complaints.filter((one) => !one.includes('pictures.example')));
});

// ── 10,000 messages ───────────────────────────────────────────────────────────────────────────────────────────────

/** Stands in for the server: as much as nobody writes in a test. Its pages are larger, so that all of it is soon held. */
async function longThread(conversation, messages, aPage) {
  const [model] = (await call('GET', `/conversations/${conversation}/messages?limit=100`)).data.filter((one) => one.text && one.direction === 'incoming');
  const begin = Date.now() - messages * 60_000;
  const of = (at) => ({ ...model, id: `msg_${String(at).padStart(32, '0')}`, seq: at + 1, text: `Message ${at}: ${'more words '.repeat(at % 17)}`, direction: at % 3 ? 'incoming' : 'outgoing', state: at % 3 ? 'received' : 'read', reply_to: null, created_at: new Date(begin + at * 60_000).toISOString() });
  await page.route(new RegExp(`/conversations/${conversation}/messages`), (route) => {
    const asked = new URL(route.request().url()).searchParams;
    const end = Number(asked.get('cursor') ?? messages);
    const start = Math.max(0, end - (asked.has('cursor') ? aPage : 50));
    return route.fulfill({ json: { data: Array.from({ length: end - start }, (_, at) => of(start + at)), next: start > 0 ? String(start) : null, newer: null } });
  });
}

await does('a thread of 10,000 messages is scrolled through, and the page stays small', async () => {
  await longThread(elena.id, 10_000, 2_500);
  await page.reload();
  await desk.open(page, elena.id);
  await saying('Message 9999:').waitFor();
  const rows = () => page.locator('[data-message]').count();
  const most = { rows: 0, frames: [] };
  await log.hover();
  while ((await saying('Message 0:').count()) === 0) {
    // At first as a hurried reader does, then in leaps.
    const screens = most.frames.length < 200 ? 0.9 : 15;
    const looked = await log.evaluate(async (one, screens) => {
      const frames = [];
      let last = performance.now();
      for (let at = 0; at < 10; at += 1) {
        one.scrollBy(0, -one.clientHeight * screens);
        await new Promise((next) => requestAnimationFrame(next));
        frames.push(performance.now() - last);
        last = performance.now();
      }
      const { left, top, width, height } = one.getBoundingClientRect();
      return { frames, blank: !document.elementFromPoint(left + width / 2, top + height / 2)?.closest('.slot, .older, .content') };
    }, screens);
    insist(!looked.blank, 'Nothing is there while one scrolls.');
    most.rows = Math.max(most.rows, await rows());
    most.frames.push(...looked.frames);
    if (most.frames.length > 1_000) throw new Error('The beginning is not reached.');
    if ((await log.evaluate((one) => one.scrollTop)) < 10) await page.waitForTimeout(50);
  }
  insist(most.rows < 120, `${most.rows} messages are on the page.`);
  await accessible(page);
  await page.getByRole('button', { name: 'To the latest message' }).click();
  await saying('Message 9999:').waitFor();
  const sorted = most.frames.sort((one, other) => one - other);
  console.log(`        at most ${most.rows} messages on the page; a frame took ${sorted[sorted.length >> 1].toFixed(0)} ms, one in a hundred ${sorted[Math.floor(sorted.length * 0.99)].toFixed(0)} ms`);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

await step('nothing was thrown and no policy was broken on the way', async () => insist(desk.complaints.length === 0, desk.complaints.join('\n')));

await desk.browser.close();
ended();
