// The dialogs of the inbox: each is opened as a member opens it, and nothing is done in it.
import { contact, list, thread, unfocused } from './inbox.mjs';

/** Runs a command of the palette by what is typed there, in an open thread. */
async function command(around, typed, id) {
  await thread(around, id);
  await unfocused(around);
  await around.page.keyboard.press('Control+k');
  const palette = around.page.getByRole('dialog', { name: 'Commands' });
  await palette.getByRole('combobox').fill(typed);
  await palette.getByRole('option').first().waitFor();
  await around.page.keyboard.press('Enter');
  await palette.waitFor({ state: 'detached' });
}
const dialog = (around, name) => around.page.getByRole('dialog', name ? { name } : {});

/** Whose window has closed: only templates may be sent. */
async function templates(around) {
  await thread(around, around.told.chiara);
  await around.page.getByRole('button', { name: 'Choose a template' }).click();
  await dialog(around).getByRole('listitem').first().waitFor();
}

async function later(around) {
  await thread(around);
  await around.page.locator('[data-composer]').fill('Buongiorno! Domani arriva il corriere.');
  await around.page.locator('[data-composer]').press('Control+Shift+Enter');
  await dialog(around).getByRole('combobox', { name: 'Send later…' }).waitFor();
}
const emptied = async ({ page }) => {
  await page.keyboard.press('Escape');
  await page.locator('[data-composer]').fill('').catch(() => {});
};

export const DIALOGS = [
  { name: 'templates', open: templates },
  { name: 'template-filled', open: async (around) => (await templates(around), await dialog(around).getByRole('listitem').first().getByRole('button').click(), await dialog(around).getByRole('textbox').first().waitFor()) },
  { name: 'emoji', open: async (around) => (await thread(around), await around.page.getByRole('button', { name: 'Insert an emoji' }).click(), await dialog(around, 'Insert an emoji').getByRole('button').first().waitFor()), wide: true },
  { name: 'later', open: later, close: emptied },
  { name: 'viewer', open: async (around) => (await thread(around, around.told.tom), await around.page.getByRole('button', { name: /^Open the picture/ }).first().click(), await dialog(around).locator('.stage img').waitFor()) },
  { name: 'filter', open: async (around) => (await list(around), await around.page.getByRole('button', { name: 'Filter', exact: true }).click(), await around.page.getByRole('option').first().waitFor()) },
  { name: 'assign', open: async (around) => (await thread(around), await unfocused(around), await around.page.keyboard.press('a'), await dialog(around, 'Assign to…').waitFor()), wide: true },
  { name: 'consent', open: async (around) => (await contact(around), await around.page.getByRole('button', { name: 'Record a consent' }).click(), await dialog(around, 'Record a consent').waitFor()) },
  { name: 'merge', open: async (around) => (await command(around, 'same person'), await dialog(around, 'Merge contacts').waitFor()) },
  { name: 'copy-of-data', open: async (around) => (await command(around, 'give them a copy'), await dialog(around, /^A copy for/).waitFor()) },
  { name: 'erase', open: async (around) => (await command(around, 'erase this contact'), await dialog(around, /^Erase/).waitFor()) },
];
