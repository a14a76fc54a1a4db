// The demo's two members at their desks, each in a browser of their own, and how to find what is on their screens.
import { join } from 'node:path';
import { signIn } from '../scripts/browser.mjs';
import { LONG } from './steps.mjs';

/** `look` is what Playwright's `newContext` takes. */
export async function atDesk(browser, { url, email, password }, look = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: 'en-GB', permissions: ['clipboard-read', 'clipboard-write'], ...look });
  const page = await context.newPage();
  page.setDefaultTimeout(LONG);
  await signIn(page, { url, email, password });
  const list = page.locator('.list');
  const row = (name) => list.locator('a.row').filter({ has: page.locator('.name', { hasText: name }) });
  const one = {
    url, context, page, list, row,
    rows: list.locator('a.row'),
    nav: page.getByRole('navigation', { name: 'Workspace' }),
    header: page.locator('main header').first(),
    composer: page.locator('[data-composer]'),
    panel: page.getByRole('complementary', { name: 'Contact details' }),
    dialog: page.getByRole('dialog'),
    palette: page.getByRole('dialog', { name: 'Commands' }),
    notice: (text) => page.locator('[role=status] li').filter({ hasText: text }),
    message: (text) => page.locator('[data-message]', { hasText: text }),
    names: async () => (await list.locator('a.row .name').allInnerTexts()).map((name) => name.trim()),
    /** Goes to a view of the sidebar by its name. */
    async view(name) {
      await one.nav.getByRole('link', { name }).first().click();
      await list.getByRole('heading', { level: 1, name }).waitFor();
    },
    /** Opens a conversation of the list and leaves the field, so that keys are the list's. */
    async open(name) {
      await row(name).first().click();
      await one.header.getByRole('heading', { level: 1, name }).waitFor();
      await one.composer.waitFor();
      await one.unfocused();
    },
    unfocused: () => page.evaluate(() => document.activeElement?.blur()),
    press: async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    },
    /** Runs a command of the palette by what is typed there, and one of its choices. */
    async command(typed, choice) {
      await page.keyboard.press('Control+k');
      await one.palette.getByRole('combobox').fill(typed);
      await one.palette.getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
      if (choice === undefined) return;
      await one.dialog.locator('.chip').waitFor();
      await one.dialog.getByRole('combobox').fill(choice);
      await one.dialog.getByRole('option', { name: choice }).first().waitFor();
      await page.keyboard.press('Enter');
    },
    /** Where every step can begin: nothing lies over the page, and nothing is open. */
    async rest() {
      await page.goto('about:blank');
      await page.goto(`${url}/#/inbox/open`);
      await one.rows.first().waitFor();
    },
  };
  await one.rows.first().waitFor();
  return one;
}

/** After a step that failed: with `OUT`, pictures of what both had before them; then both are where every step can begin. */
export function mending(her, his) {
  return async (name) => {
    const place = (who) => join(process.env.OUT, `failed-${name.replace(/\W+/g, '-').slice(0, 40)}-${who}.png`);
    if (process.env.OUT) await Promise.all([her.page.screenshot({ path: place('her') }), his.page.screenshot({ path: place('his') })]);
    await Promise.all([her.rest(), his.rest()]);
  };
}

/** Giulia, who owns the shop, and Marco, who answers. */
export async function members(url) {
  const answer = await fetch(`${url}/api/v1/demo`);
  if (!answer.ok) throw new Error('This is for a demo: it needs both of its members.');
  return (await answer.json()).members.map((member) => ({ ...member, url }));
}

/** People who write through the API channel, each with a conversation of their own. */
export async function people(call, names) {
  const channel = (await call('GET', '/channels?limit=100')).data.find((one) => one.kind === 'api');
  const made = [];
  for (const name of names) {
    const identity = { channel_id: channel.id, kind: 'external_id', value: `e2e-${name.toLowerCase().replaceAll(' ', '-')}` };
    const contact = await call('POST', '/contacts', { name, identities: [identity] });
    const conversation = await call('POST', '/conversations', { channel_id: channel.id, contact_id: contact.id });
    const person = { name, contact: contact.id, conversation: conversation.id };
    await says(call, person, `Good morning, this is ${name}.`);
    made.push(person);
  }
  return made;
}

/** They write something. */
export function says(call, { conversation }, text) {
  return call('POST', `/conversations/${conversation}/messages`, { direction: 'incoming', external_id: crypto.randomUUID(), text });
}
