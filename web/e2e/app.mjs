// Drives the real app in a real browser against a running server:
//   BASE_URL=… EMAIL=… PASSWORD=… [PHONE_URL=…] node e2e/app.mjs
// There must be at least one open conversation, and with PHONE_URL one that its phone writes to.
import { accessible } from './accessible.mjs';
import { complaintsOf, ended, LONG, mark, step } from './steps.mjs';
import { launch, signIn } from '../scripts/browser.mjs';

const url = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
const member = { url, email: process.env.EMAIL ?? '', password: process.env.PASSWORD ?? '' };
const phoneUrl = process.env.PHONE_URL;

const browser = await launch();
const desk = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: 'en-GB', permissions: ['clipboard-read', 'clipboard-write'] });
const page = await desk.newPage();
page.setDefaultTimeout(LONG);
const complaints = complaintsOf(page);

const rows = page.locator('.list a.row');
const composer = page.locator('[data-composer]');
const saying = (text, on = page) => on.locator('[data-message]', { hasText: text });
const write = async (text) => {
  await composer.fill(text);
  await composer.press('Enter');
};

const demo = await fetch(`${url}/api/v1/demo`).then((answer) => (answer.ok ? answer.json() : null));
const panel = (on) => on.getByRole('region', { name: 'This is a demo' });

if (demo) {
  await step('the demo says what it is without moving the form, and one press signs in', async () => {
    const visitor = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    let tell = () => {};
    const told = new Promise((done) => (tell = done));
    await visitor.route('**/api/v1/demo', (route) => told.then(() => route.continue()));
    await visitor.goto(url);
    const form = visitor.locator('form');
    const before = await form.boundingBox();
    tell();
    await panel(visitor).waitFor();
    if (JSON.stringify(before) !== JSON.stringify(await form.boundingBox())) throw new Error('The form moved.');
    const phone = panel(visitor).getByRole('link');
    if ((await phone.getAttribute('href')) !== demo.phone_url || (await phone.getAttribute('rel')) !== 'noopener') throw new Error('The phone is elsewhere.');
    await panel(visitor).getByRole('button', { name: demo.members.at(-1).name }).click();
    await visitor.getByRole('navigation').getByRole('link', { name: 'Contact’s phone' }).waitFor();
    await visitor.context().close();
  });

  await step('a real installation names nobody at its door', async () => {
    const visitor = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    await visitor.route('**/api/v1/demo', (route) => route.fulfill({ status: 404, contentType: 'application/problem+json', body: '{"status":404,"code":"not_found"}' }));
    await Promise.all([visitor.waitForResponse('**/api/v1/demo'), visitor.goto(url)]);
    await visitor.getByLabel('Password').waitFor();
    if ((await panel(visitor).count()) > 0) throw new Error('It speaks of a demo.');
    await visitor.context().close();
  });
}

await step('a wrong password is refused in words', async () => {
  await page.goto(url);
  await page.getByLabel('E-mail address').fill(member.email);
  await page.getByLabel('Password').fill(`${member.password}-wrong`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
});

await step('the sign-in shuts nobody out', async () => {
  if (demo) await panel(page).waitFor();
  await accessible(page);
});

await step('the member signs in', () => signIn(page, member));

await step('the list shows a conversation', () => rows.first().waitFor());

await step('a conversation opens with its messages', async () => {
  await rows.first().click();
  await page.locator('[data-message]').first().waitFor();
  await composer.waitFor();
});

await step('a reply is shown at once and its state moves on', async () => {
  await write(`Reply ${mark}`);
  await page.getByText(`Reply ${mark}`).first().waitFor({ timeout: 1_000 });
  await saying(`Reply ${mark}`).and(page.locator('[data-state=sent], [data-state=delivered], [data-state=read]')).waitFor();
  if ((await saying(`Reply ${mark}`).count()) !== 1) throw new Error('The reply is shown more than once.');
});

await step('a reaction is put on a message by keyboard, and taken back', async () => {
  const row = page.locator('[data-message].incoming').last();
  await row.getByRole('button', { name: 'React' }).focus();
  await page.keyboard.press('Enter');
  const choices = row.getByRole('toolbar', { name: 'React' });
  await choices.getByRole('button').first().focus();
  while ((await choices.getByRole('button', { name: 'Heart' }).evaluate((one) => one === document.activeElement)) === false) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const mine = row.getByRole('list', { name: 'Reactions' }).locator('[aria-pressed=true]', { hasText: '❤' });
  await mine.waitFor();
  await row.getByRole('button', { name: 'React' }).press('Enter');
  await choices.waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
  await mine.click();
  await mine.waitFor({ state: 'detached' });
});

await step('a sent message is changed where it stands, and taken back', async () => {
  await write(`Slip ${mark}`);
  const row = saying(`Slip ${mark}`).and(page.locator('[data-state=sent], [data-state=delivered], [data-state=read]'));
  const id = await row.getAttribute('data-message');
  const same = page.locator(`[data-message="${id}"]`);
  const choose = async (what) => {
    await same.hover();
    await same.getByRole('button', { name: 'More' }).click();
    await same.getByRole('menuitem', { name: what }).click();
  };
  await choose('Edit message');
  await same.getByRole('textbox').fill(`Right ${mark}`);
  await page.keyboard.press('Enter');
  await same.getByText(`Right ${mark}`).waitFor();
  await choose('Take back…');
  await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
  await same.getByText('This message was removed.').waitFor();
});

await step('labels and priority are set beside the thread, and last', async () => {
  const field = page.getByRole('combobox', { name: 'Add a label' });
  await field.fill(`e2e ${mark}`);
  await field.press('Enter');
  const kept = page.waitForResponse((answer) => answer.request().method() === 'PATCH' && /conversations/.test(answer.url()));
  await page.getByLabel('Priority', { exact: true }).selectOption('High');
  await kept;
  const remove = page.getByRole('button', { name: `Remove the label e2e ${mark}` });
  await remove.waitFor();
  await page.reload();
  await remove.click();
  await remove.waitFor({ state: 'detached' });
  const priority = page.getByLabel('Priority', { exact: true });
  if ((await priority.inputValue()) !== 'high') throw new Error('The priority did not last.');
  await priority.selectOption('Normal');
});

await step('Shift+Enter makes a new line and sends nothing', async () => {
  await composer.fill('one');
  await composer.press('Shift+Enter');
  await composer.pressSequentially('two');
  if ((await composer.inputValue()) !== 'one\ntwo') throw new Error('The line is not broken.');
  await composer.fill('');
  await composer.press('Escape');
});

await step('n writes a note that looks different', async () => {
  await page.keyboard.press('n');
  await write(`Note ${mark}`);
  await saying(`Note ${mark}`).and(page.locator('.note')).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
});

await step('an attached file is uploaded and sent', async () => {
  await page.locator('input[type=file]').setInputFiles({ name: `list-${mark}.txt`, mimeType: 'text/plain', buffer: Buffer.from('one jug\n') });
  await page.getByRole('button', { name: `Remove list-${mark}.txt` }).waitFor();
  await page.getByRole('button', { name: 'Send', exact: true }).and(page.locator(':not([disabled])')).waitFor();
  await composer.press('Enter');
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('[data-message]').getByText(`list-${mark}.txt`).click()]);
  if (download.suggestedFilename() !== `list-${mark}.txt`) throw new Error(`It downloads as ${download.suggestedFilename()}.`);
});

await step('the list, the thread and the contact shut nobody out', async () => {
  await page.getByRole('complementary', { name: 'Contact details' }).waitFor();
  if (await page.evaluate('document.scrollingElement.scrollHeight > innerHeight')) throw new Error('The page is longer than the window.');
  await accessible(page);
});

await step('search finds the reply as one types, and opens it', async () => {
  await composer.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.type(mark);
  await page.getByRole('option').filter({ hasText: `Reply ${mark}` }).waitFor();
  await page.locator('mark', { hasText: mark }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('article.marked').waitFor();
});

await step('what another window writes appears live', async () => {
  const other = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  await signIn(other, member);
  await other.goto(page.url());
  await other.locator('[data-composer]').waitFor();
  await other.keyboard.press('n');
  await other.locator('[data-composer]').fill(`Elsewhere ${mark}`);
  await other.locator('[data-composer]').press('Enter');
  await saying(`Elsewhere ${mark}`).waitFor();
  await other.context().close();
});

await step('what is written without a connection goes once it is back, once', async () => {
  await desk.setOffline(true);
  try {
    await write(`Offline ${mark}`);
    await page.locator('[data-state=pending]', { hasText: `Offline ${mark}` }).getByText('Waiting for the connection').waitFor();
  } finally {
    await desk.setOffline(false);
  }
  await saying(`Offline ${mark}`).waitFor();
  // What was held back for a moment gives way to what was sent.
  await page.getByText(`Offline ${mark}`, { exact: true }).and(page.locator('article *')).nth(1).waitFor({ state: 'detached' });
});

if (phoneUrl) {
  await step('what a contact writes on the phone arrives live, and is first in the list', async () => {
    const phone = await (await browser.newContext()).newPage();
    await phone.goto(phoneUrl);
    // Whose phone it is is only known once the chat is there: before, the page has nobody to speak for.
    await phone.locator('#log .bubble').first().waitFor();
    const field = phone.getByRole('textbox').last();
    await field.fill(`Phone ${mark}`);
    await field.press('Enter');
    await rows.first().filter({ hasText: `Phone ${mark}` }).waitFor();
    await rows.first().click();
    await saying(`Phone ${mark}`).and(page.locator('.incoming')).waitFor();
    await phone.context().close();
  });
}

await step('e resolves, and the conversation is found under Resolved and reopened', async () => {
  const name = (await page.locator('main h1').first().textContent())?.trim() ?? '';
  await page.keyboard.press('Escape');
  await page.locator('body').click({ position: { x: 2, y: 2 } });
  await page.keyboard.press('e');
  await page.getByRole('navigation').getByRole('link', { name: 'Resolved' }).click();
  await rows.filter({ hasText: name }).first().click();
  await page.locator('main').getByRole('button', { name: 'Reopen' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Inbox' }).click();
  await rows.filter({ hasText: name }).first().waitFor();
});

await step('the conversation can be assigned', async () => {
  await rows.first().click();
  const assigned = page.getByRole('button', { name: /^Assigned to:/ });
  await assigned.click();
  const last = page.getByRole('listbox').getByRole('option').last();
  // Behind the initials of the picture.
  const name = (await last.textContent())?.trim().replace(/^[A-Z]{1,2}\s+/, '') ?? '';
  // Shown before the server has answered, and a page that is loaded anew asks no more.
  const kept = page.waitForResponse((answer) => answer.request().method() === 'PATCH' && /conversations/.test(answer.url()));
  await last.click();
  const shown = page.getByRole('button', { name: `Assigned to: ${name}` });
  await shown.waitFor();
  await kept;
  await page.reload();
  await rows.first().waitFor();
  await shown.waitFor();
});

await step('the channels are listed and a form is made from a kind; neither shuts anybody out', async () => {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Channels' }).click();
  await page.locator('.kinds button').first().waitFor();
  await accessible(page);
  await page.locator('.kinds button').first().click();
  await page.getByRole('dialog').getByLabel('Name', { exact: true }).waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
});

await step('? lists the keys', async () => {
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
});

await step('the palette goes anywhere by a few letters', async () => {
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Commands' }).getByRole('combobox').fill('gomi');
  await page.getByRole('option', { name: 'Go to Mine' }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/#/inbox/mine');
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.waitForURL('**/#/inbox/open');
});

await step('the app speaks another language at once, and as soon as one comes back', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Commands' }).getByRole('combobox').fill('language');
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: 'Deutsch' }).click();
  await page.getByRole('link', { name: 'Einstellungen' }).waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'Einstellungen' }).waitFor();
  if ((await page.locator('html').getAttribute('lang')) !== 'de') throw new Error('The page does not say that it is German.');
  await accessible(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Befehle' }).getByRole('combobox').fill('sprache');
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: 'English' }).click();
  await page.getByRole('link', { name: 'Settings' }).waitFor();
});

await step('the profile and the settings shut nobody out, on a phone neither', async () => {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Profile' }).waitFor();
  await accessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await accessible(page);
  await page.getByRole('navigation', { name: 'Main places' }).getByRole('link', { name: 'Inbox' }).click();
  await rows.first().waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('navigation', { name: 'Workspace' }).getByRole('link', { name: 'Mentions' }).waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1360, height: 860 });
});

await step('the member signs out', async () => {
  await page.getByRole('button', { name: /workspace and account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('E-mail address').waitFor();
});

await step('nothing was thrown and no policy was broken on the way', async () => {
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
});

await browser.close();
ended();
