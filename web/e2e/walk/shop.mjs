// The demo's shop, with the chat on its page.

async function shop({ page, shopUrl, call, told }, look = {}) {
  await call('PATCH', `/channels/${told.channels.web}`, { settings: { ...PLAIN, ...look } });
  // A browser may keep the look for a minute; one whose requests are looked at keeps nothing.
  await page.route('**/look', (route) => route.continue());
  // Beside the chat, which would write down again what it knows.
  await page.goto(`${shopUrl}/shop.css`);
  await page.evaluate(() => localStorage.clear());
  await page.goto(shopUrl);
  await page.locator('.launcher').waitFor();
}
async function open(around, look) {
  await shop(around, look);
  await around.page.locator('.launcher').click();
  await around.page.locator('.panel').waitFor();
}
async function chat(around, look) {
  await open(around, look);
  const box = around.page.getByRole('textbox', { name: 'Scriva un messaggio' });
  await box.fill('Buongiorno! Spedite anche a Vienna?');
  await box.press('Enter');
  await around.page.locator('.line.own', { has: around.page.locator('.state') }).waitFor();
}

/** As the demo has it, but for what is asked before the first message. */
const PLAIN = { pre_chat: null, minimum_age: null, consent_text: null, privacy_url: null, away: 'off' };
const ASKED = { pre_chat: ['name*', 'email'], consent_text: 'Potete conservare per due anni quello che scrivo, per rispondermi.', privacy_url: 'https://example.com/privacy' };

export const SHOP = [
  { name: 'shop', open: (around) => shop(around) },
  { name: 'chat-open', open: (around) => open(around) },
  { name: 'chat-thread', open: (around) => chat(around) },
  { name: 'chat-form', open: (around) => open(around, ASKED) },
  { name: 'chat-form-wrong', open: async (around) => (await open(around, ASKED), await around.page.getByRole('button', { name: 'Inizia la chat' }).click(), await around.page.locator('.wrong:not(:empty)').first().waitFor()) },
  { name: 'chat-age', open: (around) => open(around, { minimum_age: '14' }) },
  { name: 'chat-away', open: (around) => open(around, { away: 'on' }) },
  {
    name: 'chat-menu',
    open: async (around) => (await chat(around, { privacy_url: ASKED.privacy_url }), await around.page.locator('.head .icon').first().click(), await around.page.locator('.menu').waitFor()),
  },
  {
    name: 'chat-offline',
    open: async (around) => (await chat(around), await around.page.context().setOffline(true), await around.page.locator('.banner').filter({ hasText: /\S/ }).waitFor()),
    close: ({ page }) => page.context().setOffline(false),
  },
];
