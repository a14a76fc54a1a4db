// The settings: each page, and each dialog that opens on one.

const PAGES = {
  profile: 'Profile', security: 'Sign-in and sessions', tokens: 'API tokens', workspace: 'General', members: 'Members', teams: 'Teams', hours: 'Business hours', labels: 'Labels', canned: 'Canned replies',
  views: 'Saved views', channels: 'Channels', webhooks: 'Webhooks', sites: 'Websites and cookies', retention: 'Retention', requests: 'Privacy requests', keys: 'Keys', audit: 'Audit log',
};

async function settings({ page, url }, at) {
  await page.goto(`${url}/#/settings${at && `/${at}`}`);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.locator('[role=status][aria-label=Loading]').first().waitFor({ state: 'detached' });
}

/** A page whose dialog opens by one button. */
const by = (at, button, dialog) => async (around) => {
  await settings(around, at);
  await around.page.locator('main').getByRole('button', { name: button }).first().click();
  await around.page.getByRole('dialog', dialog ? { name: dialog } : {}).waitFor();
};

/** A page whose dialog opens from the menu of its first row. */
const from = (at, item) => async (around) => {
  await settings(around, at);
  await around.page.getByRole('button', { name: /^What can be done with/ }).last().click();
  await around.page.getByRole('menuitem', { name: item }).click();
  await around.page.getByRole('dialog').waitFor();
};

const connect = (kind) => async (around) => {
  await settings(around, `channels/${kind}`);
  await around.page.getByRole('dialog').waitFor();
};
const channel = (kind) => async (around) => {
  await settings(around, `channels/${around.told.channels[kind]}`);
  await around.page.getByRole('heading', { name: 'Secrets' }).or(around.page.getByRole('button', { name: 'Test now' })).first().waitFor();
};

export const SETTINGS = [
  { name: 'settings', open: (around) => settings(around, '') },
  ...Object.keys(PAGES).map((name) => ({ name: `settings-${name}`, open: async (around) => (await settings(around, name), await around.page.getByRole('heading', { level: 1, name: PAGES[name] }).waitFor()) })),
  { name: 'settings-unknown', open: async ({ page, url }) => (await page.goto(`${url}/#/settings/nothing`), await page.getByText('There is no such page').waitFor()) },
  { name: 'invite', open: by('members', 'Invite', 'Invite a colleague') },
  { name: 'suspend', open: from('members', 'Suspend…') },
  { name: 'team', open: by('teams', 'New team') },
  { name: 'label', open: by('labels', 'New label') },
  { name: 'label-delete', open: from('labels', 'Delete') },
  { name: 'canned', open: async (around) => (await by('canned', 'New canned reply')(around), await around.page.getByLabel('Text').fill('Ciao {{contact.first_name}}, a domani!')) },
  { name: 'site', open: by('sites', 'Add a website') },
  { name: 'webhook', open: by('webhooks', 'New webhook') },
  { name: 'webhook-posts', open: (around) => settings(around, `webhooks/${around.told.webhook}`) },
  { name: 'second-factor-asked', open: by('security', 'Set it up') },
  {
    name: 'second-factor',
    open: async (around) => {
      await by('security', 'Set it up')(around);
      const asked = around.page.getByRole('dialog');
      await asked.getByLabel('Present password').fill(around.password);
      await asked.getByRole('button', { name: 'Set it up' }).click();
      await around.page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
    },
  },
  { name: 'sessions-end', open: async (around) => (await settings(around, 'security'), await around.page.getByRole('button', { name: 'Sign out everywhere else' }).click(), await around.page.getByRole('dialog').waitFor()) },
  {
    name: 'token-once',
    open: by('tokens', 'New token'),
    close: async ({ call }) => { for (const { id, revoked_at } of (await call('GET', '/tokens')).data.slice(1)) if (!revoked_at) await call('DELETE', `/tokens/${id}`); },
  },
  { name: 'keys-rotate', open: by('keys', /^Rotate/) },
  { name: 'connect-telegram', open: connect('telegram') },
  { name: 'connect-whatsapp', open: connect('whatsapp') },
  { name: 'connect-web', open: connect('web') },
  { name: 'connect-api', open: connect('api') },
  { name: 'connect-messenger', open: connect('messenger') },
  { name: 'connect-sms', open: connect('sms_twilio') },
  { name: 'channel-web', open: channel('web') },
  { name: 'channel-whatsapp', open: channel('whatsapp') },
  { name: 'channel-secret', open: async (around) => (await channel('api')(around), await around.page.getByRole('button', { name: /^(Renew|Enter): / }).first().click(), await around.page.getByRole('dialog').waitFor()) },
];
