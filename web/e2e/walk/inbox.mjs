// The inbox, and what lies over it.

async function inbox({ page, url }, at = 'open') {
  await page.goto(`${url}/#/inbox/${at}`);
  await page.locator('.list').waitFor({ state: 'attached' });
}
export const list = async (around, view) => (await inbox(around, view), await around.page.locator('.list a.row').first().waitFor());

export async function thread(around, id = around.told.sofia) {
  await inbox(around, `open/${id}`);
  await around.page.locator('[data-message]').last().waitFor();
}

/** Who it is with, beside the thread or over it. */
export async function contact(around, id = around.told.sofia) {
  await thread(around, id);
  const panel = around.page.locator('aside');
  await panel.waitFor({ timeout: 1_500 }).catch(() => around.page.getByRole('button', { name: 'Contact details' }).click());
  await panel.getByText('Known as').waitFor();
}

export const unfocused = ({ page }) => page.evaluate(() => document.activeElement?.blur());

async function over(around, command, name) {
  await list(around);
  await unfocused(around);
  await around.page.keyboard.press(command);
  await around.page.getByRole('dialog', { name }).waitFor();
}

async function composing(around, text) {
  await thread(around);
  await around.page.locator('[data-composer]').fill(text);
  await around.page.locator('[data-composer]').press('End');
}
const emptied = async ({ page }) => page.locator('[data-composer]').fill('').catch(() => {});

export const INBOX = [
  { name: 'list', open: (around) => list(around) },
  { name: 'list-chosen', open: async (around) => (await thread(around), await unfocused(around), await around.page.keyboard.press('x'), await around.page.keyboard.press('Shift+j')), wide: true },
  { name: 'list-empty', open: async (around) => (await inbox(around, 'snoozed'), await around.page.locator('.list .empty').waitFor()) },
  { name: 'thread', open: (around) => thread(around) },
  { name: 'thread-picture', open: (around) => thread(around, around.told.tom) },
  { name: 'thread-closed-window', open: (around) => thread(around, around.told.chiara) },
  { name: 'contact', open: (around) => contact(around) },
  { name: 'contact-consent', open: async (around) => (await contact(around, around.told.chiara), await around.page.getByLabel(/^How it was given/).first().click(), await around.page.getByRole('link', { name: 'Receipt' }).waitFor()) },
  { name: 'drawer', open: async (around) => { await list(around); if (around.phone) await around.page.getByRole('button', { name: 'Menu' }).click(); } },
  { name: 'palette', open: (around) => over(around, 'Control+k', 'Commands') },
  { name: 'keys', open: (around) => over(around, '?', 'Keyboard') },
  {
    name: 'search',
    open: async (around) => {
      await over(around, '/', 'Search');
      await around.page.keyboard.type('ordine');
      await around.page.locator('mark').first().waitFor();
    },
  },
  { name: 'composer-reply', open: (around) => composing(around, 'Buongiorno Sofia,\nla chiamiamo appena il corriere parte.'), close: emptied },
  { name: 'composer-canned', open: (around) => composing(around, '/'), close: emptied },
  { name: 'snooze', open: async (around) => (await thread(around), await unfocused(around), await around.page.keyboard.press('s'), await around.page.getByRole('dialog').waitFor()), wide: true },
  { name: 'guide', open: async ({ page, url }) => (await page.goto(`${url}/#/guide`), await page.getByRole('progressbar').waitFor()) },
];
