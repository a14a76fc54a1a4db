// Drives the settings and the first steps in a real browser against a running server:
//   BASE_URL=… EMAIL=… PASSWORD=… node e2e/settings.mjs
// The member must be an owner. What it makes it takes away again, but for an invited member, who is suspended; Sunday ends up closed.
import { createHmac } from 'node:crypto';
import { accessible } from './accessible.mjs';
import { simulator } from './desk.mjs';
import { launch } from '../scripts/browser.mjs';

const url = (process.env.BASE_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '');
const { EMAIL: email = '', PASSWORD: password = '' } = process.env;
const mark = Math.random().toString(36).slice(2, 8);
let failed = 0;
let passed = 0;

async function step(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (reason) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(reason?.message ?? reason).split('\n').slice(0, 6).join('\n        ')}`);
    // The next step begins where it would have begun.
    await page.keyboard.press('Escape').catch(() => {});
  }
}

function insist(condition, why) {
  if (!condition) throw new Error(why);
}

const browser = await launch();
const desk = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB', permissions: ['clipboard-read', 'clipboard-write'] });
const page = await desk.newPage();
page.setDefaultTimeout(10_000);
const complaints = [];
page.on('pageerror', (error) => complaints.push(String(error)));

const main = page.locator('main');
const dialog = page.getByRole('dialog');
const row = (name) => main.getByRole('listitem').filter({ hasText: name });
const said = (words) => page.getByText(words).first().waitFor();
const closed = () => page.locator('dialog').waitFor({ state: 'detached' });

async function open(place, heading) {
  await page.goto(`${url}/#/${place}`);
  await page.getByRole('heading', { level: 1, name: heading }).first().waitFor();
}

async function act(name, what) {
  await row(name).getByRole('button', { name: /^What can be done with/ }).click();
  await page.getByRole('menuitem', { name: what }).click();
}

await page.goto(url);
await page.getByLabel('E-mail address').fill(email);
await page.getByLabel('Password', { exact: true }).fill(password);
await page.getByRole('button', { name: 'Sign in' }).click();
await page.locator('nav').first().waitFor({ state: 'attached' });

const PAGES = {
  profile: 'Profile', security: 'Sign-in and sessions', tokens: 'API tokens', workspace: 'General', members: 'Members', teams: 'Teams', hours: 'Business hours', labels: 'Labels', canned: 'Canned replies',
  views: 'Saved views', channels: 'Channels', webhooks: 'Webhooks', sites: 'Websites and cookies', retention: 'Retention', requests: 'Privacy requests', keys: 'Keys', audit: 'Audit log',
};
for (const [name, heading] of Object.entries(PAGES)) {
  await step(`the page “${heading}” shuts nobody out in either theme`, async () => {
    await open(`settings/${name}`, heading);
    await main.locator('[role=status][aria-label=Loading]').first().waitFor({ state: 'detached' });
    await accessible(page);
  });
}

await step('a term gets shorter after it is shown what goes, is there after a reload, and goes back; what cannot be is said', async () => {
  await open('settings/retention', 'Retention');
  const term = main.getByRole('group', { name: /^Conversations R-3/ });
  const save = main.getByRole('button', { name: 'Save' });
  await term.getByLabel('How long').fill('0');
  await save.click();
  await main.getByText('From 1 day to 10 years').first().waitFor();
  insist((await term.getByLabel('How long').getAttribute('aria-invalid')) === 'true', 'A term of nothing is not marked.');
  await term.getByLabel('How long').fill('23');
  await save.click();
  await dialog.getByText('Shorten terms?').waitFor();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Shorten' }).click();
  await said('The terms are saved. They hold from now on.');
  await page.reload();
  await open('settings/retention', 'Retention');
  insist((await term.getByLabel('How long').inputValue()) === '23', 'The term is not there after a reload.');
  await main.getByRole('button', { name: 'Back to 24 months' }).click();
  await save.click();
  await said('The terms are saved. They hold from now on.');
});

await step('somebody is invited, the link is shown once and holds its secret behind the #, and they are suspended', async () => {
  await open('settings/members', 'Members');
  await page.getByRole('button', { name: 'Invite' }).click();
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  await dialog.getByText('A name is needed.').waitFor();
  await dialog.getByLabel('Name').fill(`Nina ${mark}`);
  await dialog.getByLabel('E-mail address').fill(`nina-${mark}@demo.example`);
  await accessible(page);
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = await page.getByRole('textbox', { name: 'Invitation link' }).inputValue();
  insist(/^[^#?]+#\/\w+\/[^/]{20,}$/.test(link), `The link is ${link}`);
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await closed();
  await row(`Nina ${mark}`).getByText('Invited').waitFor();
  await act(`Nina ${mark}`, 'Suspend…');
  await dialog.getByRole('button', { name: 'Suspend' }).click();
  await row(`Nina ${mark}`).getByText('Suspended').waitFor();
});

await step('a team is made, found in the sidebar, and deleted', async () => {
  await open('settings/teams', 'Teams');
  await page.getByRole('button', { name: 'New team' }).click();
  await dialog.getByLabel('Name').fill(`Team ${mark}`);
  await dialog.getByRole('checkbox').first().check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row(`Team ${mark}`).getByText('1 member').waitFor();
  await act(`Team ${mark}`, 'Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await row(`Team ${mark}`).waitFor({ state: 'detached' });
});

await step('a label gets a tone, another name, and goes', async () => {
  await open('settings/labels', 'Labels');
  await page.getByRole('button', { name: 'New label' }).click();
  await dialog.getByLabel('Name').fill(`Label ${mark}`);
  await dialog.getByRole('radio', { name: 'Violet' }).check({ force: true });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await act(`Label ${mark}`, 'Edit…');
  insist(await dialog.getByRole('radio', { name: 'Violet' }).isChecked(), 'The tone was not kept.');
  await dialog.getByLabel('Name').fill(`Other ${mark}`);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await act(`Other ${mark}`, 'Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await row(`Other ${mark}`).waitFor({ state: 'detached' });
});

await step('a canned reply takes a variable, shows how it reads, and refuses an unknown one', async () => {
  await open('settings/canned', 'Canned replies');
  await page.getByRole('button', { name: 'New canned reply' }).click();
  await dialog.getByLabel('Word').fill(`/w${mark}`);
  await dialog.getByLabel('Text').fill('Ciao ');
  await dialog.getByRole('button', { name: 'Contact’s first name' }).click();
  await dialog.getByText('Ciao Anna', { exact: true }).waitFor();
  await dialog.getByLabel('Text').fill('Ciao {{contact.shoe_size}}');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').getByText('contact.shoe_size').waitFor();
  await dialog.getByLabel('Text').fill('Ciao {{contact.first_name}}');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await act(`/w${mark}`, 'Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await row(`/w${mark}`).waitFor({ state: 'detached' });
});

await step('hours that overlap are marked and not saved; those that do not are there after a reload', async () => {
  await open('settings/hours', 'Business hours');
  const sunday = main.getByRole('group', { name: 'Sunday' });
  await sunday.waitFor();
  const less = sunday.getByRole('button', { name: 'Sunday: remove these hours' });
  while ((await less.count()) > 0) await less.first().click();
  await sunday.getByRole('button', { name: 'Sunday: add hours' }).click();
  const last = () => sunday.getByLabel('Sunday: from').last();
  await last().fill('06:00');
  await sunday.getByLabel('Sunday: to').last().fill('05:00');
  await sunday.getByText('It ends before it begins.').waitFor();
  await main.getByRole('button', { name: 'Save' }).click();
  await said('Some hours are not right yet');
  await sunday.getByLabel('Sunday: to').last().fill('06:30');
  await main.getByRole('button', { name: 'Save' }).click();
  await said('The business hours are saved.');
  await page.reload();
  await sunday.getByLabel('Sunday: from').first().waitFor();
  insist((await sunday.getByLabel('Sunday: from').evaluateAll((all) => all.map((one) => one.value))).includes('06:00'), 'The hours are gone.');
  await less.first().click();
  await main.getByRole('button', { name: 'Save' }).click();
  await said('The business hours are saved.');
});

await step('a token is shown once, used, and refused after it is revoked', async () => {
  await open('settings/tokens', 'API tokens');
  await page.getByRole('button', { name: 'New token' }).click();
  const token = await page.getByRole('textbox', { name: 'Token' }).inputValue();
  const status = async () => (await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;
  insist((await status()) === 200, 'The token does not work.');
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await closed();
  insist(!(await main.innerText()).includes(token), 'The token is still shown.');
  await main.getByRole('button', { name: /^Revoke the token/ }).first().click();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await said('The token is revoked.');
  insist((await status()) === 401, 'The token still works.');
});

await step('a wrong present password is said beside its field', async () => {
  await open('settings/security', 'Sign-in and sessions');
  await page.getByLabel('Present password').fill('not it at all');
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Change password' }).click();
  await main.getByRole('alert').filter({ hasText: '10' }).waitFor();
  await page.getByLabel('New password').fill('long enough to be taken');
  await page.getByRole('button', { name: 'Change password' }).click();
  await said('This is not your present password.');
});

/** The six digits of an authenticator app (RFC 6238), `ahead` half minutes from now. */
function digits(secret, ahead = 0) {
  const bits = [...secret.replace(/[=\s]/g, '').toUpperCase()].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', key).update(counter).digest();
  const from = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Another browser: the password is not enough there, the app's digits are what is missing. */
async function entersWith(code) {
  const other = await browser.newContext({ locale: 'en-GB' });
  const door = await other.newPage();
  door.setDefaultTimeout(10_000);
  await door.goto(url);
  await door.getByLabel('E-mail address').fill(email);
  await door.getByLabel('Password', { exact: true }).fill(password);
  await door.getByRole('button', { name: 'Sign in' }).click();
  await door.getByRole('heading', { name: 'One more step' }).waitFor();
  await accessible(door);
  // The sixth digit is enough: nothing is pressed.
  await door.getByLabel('Code', { exact: true }).pressSequentially(code);
  await door.locator('nav').first().waitFor({ state: 'attached' });
  await other.close();
}

await step('the second step is turned on with an app, and off again with a recovery code', async () => {
  await open('settings/security', 'Sign-in and sessions');
  await main.getByRole('button', { name: 'Set it up' }).click();
  await dialog.getByLabel('Present password').fill(password);
  await dialog.getByRole('button', { name: 'Set it up' }).click();
  await dialog.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
  const secret = await dialog.getByRole('textbox', { name: 'Secret' }).inputValue();
  await dialog.getByLabel('Code', { exact: true }).fill('12');
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await dialog.getByText('This code is not right').waitFor();
  await accessible(page);
  await dialog.getByLabel('Code', { exact: true }).fill(digits(secret));
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  const codes = page.getByRole('dialog', { name: 'Recovery codes' });
  const recovery = (await codes.getByRole('textbox', { name: 'Recovery codes' }).inputValue()).split(' ');
  insist(recovery.length > 4, 'There are too few recovery codes.');
  await codes.getByRole('button', { name: 'Close' }).click();
  await main.getByText('It is on.').waitFor();
  await entersWith(digits(secret, 1));
  await main.getByRole('button', { name: 'Turn it off…' }).click();
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await dialog.getByLabel('Code', { exact: true }).fill(recovery[0]);
  await dialog.getByRole('button', { name: 'Turn off' }).click();
  await main.getByRole('button', { name: 'Set it up' }).waitFor();
});

await step('another browser is seen among the sessions and signed out from here', async () => {
  await fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }, body: JSON.stringify({ email, password }) });
  await page.reload();
  await main.getByRole('button', { name: 'Sign out Firefox on Linux' }).first().click();
  await said('That session has ended.');
});

await step('a chat for a website is connected, looks as chosen at once, and is disconnected', async () => {
  await open('settings/channels', 'Channels');
  await page.locator('.kinds button', { hasText: 'Web chat' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill(`Web ${mark}`);
  await dialog.getByLabel('Allowed websites').fill('www.bottega.example');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByText('Write https:// and the host').waitFor();
  await dialog.getByLabel('Allowed websites').fill('https://www.bottega.example');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByText(`Web ${mark} is connected.`).waitFor();
  const line = await dialog.getByRole('textbox', { name: 'The line for your website' }).inputValue();
  insist(/^<script async src="[^"]+\/widget\.js" data-channel="chn_\w+"><\/script>$/.test(line), `The line is ${line}`);
  await dialog.getByRole('button', { name: 'Done', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: `Web ${mark}` }).waitFor();
  await main.getByLabel('Accent').fill('#8f4a2b');
  const colour = await main.getByRole('img', { name: /^Picture of the chat/ }).locator('header').evaluate((header) => getComputedStyle(header).backgroundColor);
  insist(colour === 'rgb(143, 74, 43)', `The picture is ${colour}`);
  await main.getByRole('button', { name: 'Save' }).click();
  await said(`Web ${mark} is saved.`);
  await main.getByRole('button', { name: 'Test now' }).click();
  await main.getByText('It works').waitFor();
  await accessible(page);
  await main.getByRole('button', { name: 'Renew: Identity secret' }).click();
  await dialog.getByRole('button', { name: 'Make a new one' }).click();
  const once = page.getByRole('dialog', { name: 'Shown this once' });
  insist((await once.getByRole('textbox', { name: 'Identity secret' }).inputValue()).length > 20, 'No secret is shown.');
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await closed();
  await main.getByRole('button', { name: 'Disconnect…' }).click();
  await dialog.getByRole('button', { name: 'Disconnect' }).click();
  await said(`Web ${mark} is disconnected.`);
});

await step('who signed in to a mailbox lets webhooks carry what is read there, and takes that back', async () => {
  const sim = simulator(new URL(process.env.PHONE_URL).origin);
  const mailbox = await sim('POST', '/sim/google/mailboxes', { address: `post-${mark}@bottega.example` });
  await open('settings/channels', 'Channels');
  await page.locator('.kinds button', { hasText: 'Gmail' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill(`Post ${mark}`);
  await dialog.getByLabel('Client id').fill(mailbox.client_id);
  await dialog.getByLabel('Client secret').fill(mailbox.client_secret);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByRole('button', { name: 'Done', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: `Post ${mark}` }).waitFor();
  await main.getByText('Only whoever signs in to the mailbox can allow more.').waitFor();
  insist(!(await main.getByRole('button', { name: 'Allow webhooks' }).count()), 'Nobody signed in, and it can be allowed.');
  await main.getByRole('button', { name: 'Sign in: Gmail' }).click();
  // Out to the provider's page, which sends the browser back at once.
  await main.getByRole('button', { name: 'Allow webhooks to carry it…' }).click();
  await dialog.getByText('What is read in this mailbox serves this channel alone').waitFor();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Allow webhooks to carry it' }).click();
  await main.getByText(/signed in there and allowed, on .+ \(words no\. 1\)/).waitFor();
  await closed();
  await accessible(page);
  await main.getByRole('button', { name: 'Keep it here again' }).click();
  await main.getByText('What is read there stays in this workspace').waitFor();
  await main.getByRole('button', { name: 'Disconnect…' }).click();
  await dialog.getByRole('button', { name: 'Disconnect' }).click();
  await said(`Post ${mark} is disconnected.`);
});

await step('a webhook is made, its secret shown once, switched off and deleted', async () => {
  await open('settings/webhooks', 'Webhooks');
  await page.getByRole('button', { name: 'New webhook' }).click();
  await dialog.getByLabel('Address').fill('example.com');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Write the whole address').waitFor();
  await dialog.getByLabel('Address').fill(`https://example.com/${mark}`);
  await dialog.getByRole('checkbox', { name: 'contact.erased' }).check();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Save' }).click();
  const secret = await page.getByRole('textbox', { name: 'Secret' }).inputValue();
  insist(secret.startsWith('whsec_'), 'No secret is shown.');
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await closed();
  await row(mark).getByText('Only: contact.erased').waitFor();
  await row(mark).getByRole('link').click();
  await main.getByRole('heading', { name: 'What was posted' }).waitFor();
  await accessible(page);
  await act(mark, 'Switch off');
  await row(mark).getByText('Off', { exact: true }).waitFor();
  await act(mark, 'Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await row(mark).waitFor({ state: 'detached' });
});

await step('a website is added, its banner previewed, something declared there, and it goes again', async () => {
  await open('settings/sites', 'Websites and cookies');
  await page.getByRole('button', { name: 'Add a website' }).click();
  await accessible(page);
  await dialog.getByLabel('Name').fill(`Shop ${mark}`);
  await dialog.getByLabel('Addresses').fill('https://shop.example/path');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').filter({ hasText: 'https://www.example.com' }).waitFor();
  await dialog.getByLabel('Addresses').fill('https://shop.example');
  // Something to ask about, without which nobody is asked.
  await dialog.getByLabel('Count visits').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 2, name: `Shop ${mark}` }).waitFor();
  await main.getByText(/consent\.js" data-site="sit_/).waitFor();
  const preview = page.frameLocator('iframe');
  await preview.getByRole('button', { name: 'Reject all' }).waitFor();
  await main.getByRole('button', { name: 'Deutsch' }).click();
  await preview.getByRole('button', { name: 'Alle ablehnen' }).waitFor();
  await main.getByRole('button', { name: 'Declare something' }).click();
  await dialog.getByLabel('Name').fill('_ad');
  await dialog.getByLabel('Category').selectOption('marketing');
  await dialog.getByLabel('Provider').fill('Ads Ltd');
  await dialog.getByLabel('Days').fill('400');
  await dialog.getByLabel('English').fill('Advertising');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('1 to 395 days.').waitFor();
  await dialog.getByLabel('Days').fill('90');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await closed();
  await row('_ad').getByText('Marketing · Ads Ltd · 90 days').waitFor();
  await accessible(page);
  await act(`Shop ${mark}`, 'Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await closed();
  await main.getByText('No website yet').waitFor();
});

await step('a request of a person is recorded, verified, noted and closed, and its log says so', async () => {
  await open('settings/requests', 'Privacy requests');
  await page.getByRole('button', { name: 'Record a request' }).click();
  await dialog.getByLabel('What is asked').selectOption({ label: 'Put something right' });
  await dialog.getByLabel('In their words').fill(`My name is written wrong ${mark}`);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: 'Put something right' }).waitFor();
  await main.getByText(`My name is written wrong ${mark}`).first().waitFor();
  await accessible(page);
  await main.getByRole('button', { name: 'Add a note' }).click();
  await dialog.getByRole('button', { name: 'Add a note' }).click();
  await dialog.getByText('Please write it down.').waitFor();
  await dialog.getByLabel('What was said or done').fill(`Corrected ${mark}`);
  await dialog.getByRole('button', { name: 'Add a note' }).click();
  await closed();
  await main.getByText(`Corrected ${mark}`).waitFor();
  await main.getByRole('button', { name: 'Close', exact: true }).click();
  await dialog.getByLabel('What came of it').selectOption({ label: 'Taken back' });
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await closed();
  await main.getByText('Taken back').first().waitFor();
  insist((await main.getByRole('button', { name: 'Add a note' }).count()) === 0, 'a closed request is still worked on');
  await main.getByRole('link', { name: 'Privacy requests' }).click();
  await main.getByRole('heading', { name: 'Closed requests' }).waitFor();
});

await step('the audit log tells what was done, and is narrowed by an act', async () => {
  await open('settings/audit', 'Audit log');
  await main.getByRole('button', { name: 'Anything' }).click();
  await page.getByRole('combobox', { name: 'What' }).fill('token.revoked');
  await page.keyboard.press('Enter');
  await main.getByRole('row').filter({ hasText: 'listed' }).first().waitFor({ state: 'detached' });
  await main.getByRole('row').filter({ hasText: 'Token: revoked' }).first().waitFor();
  const today = new Date().toLocaleDateString('sv');
  await main.getByLabel('Until').fill(today);
  await main.getByRole('row').filter({ hasText: 'Token: revoked' }).first().waitFor();
  const [table] = await Promise.all([page.waitForEvent('download'), main.getByRole('link', { name: 'Table (CSV)' }).click()]);
  const rows = (await (await import('node:fs/promises')).readFile(await table.path(), 'utf8')).trim().split('\r\n');
  insist(rows.length > 1 && rows.slice(1).every((row) => row.includes(',token.revoked,')), `the table holds what was asked for: ${rows.slice(0, 3)}`);
  await main.getByText(/^Signed: checkpoint|^No checkpoint/).waitFor();
  await accessible(page);
});

await step('the audit log is verified in the browser, and an altered one is not', async () => {
  const again = async () => {
    await page.reload();
    await main.getByText(/^Signed: checkpoint|^No checkpoint/).waitFor();
  };
  const verified = main.getByText(/^Verified up to entry \d/);
  for (let tries = 0; tries < 50 && !(await verified.isVisible()); tries += 1) {
    // The first checkpoint comes a minute after the first entry.
    await page.waitForTimeout(2_000);
    await again();
  }
  await verified.waitFor();
  await again();
  await main.getByText(/^It is what this browser verified before|^Nothing up to entry/).waitFor();
  await page.route('**/audit/checkpoint', async (route) => {
    const lines = (await (await route.fetch()).text()).split('\n');
    lines[2] = (lines[2][0] === 'A' ? 'B' : 'A') + lines[2].slice(1);
    await route.fulfill({ contentType: 'text/plain', body: lines.join('\n') });
  });
  await again();
  await main.getByRole('alert').getByText('The log does not verify.').waitFor();
  await accessible(page);
  await page.unroute('**/audit/checkpoint');
});

await step('the first steps tell by what is there how far one is', async () => {
  await open('guide', 'First steps');
  await main.getByRole('progressbar').waitFor();
  await main.getByRole('button', { name: 'Connect a channel' }).waitFor();
  await accessible(page);
});

await step('the first steps lead to a bot that is connected, and what is written to it is in the inbox', async () => {
  const sim = simulator(new URL(process.env.PHONE_URL).origin);
  const bot = await sim('POST', '/sim/telegram/bots', { token: '', name: `Guide ${mark}`, username: `guide_${mark}_bot` });
  await open('guide', 'First steps');
  await main.getByRole('button', { name: 'Connect a channel' }).click();
  await main.locator('a.kind', { hasText: 'Telegram' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill(`Guide ${mark}`);
  await dialog.getByLabel('Bot token').fill(bot.token);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByText(`Guide ${mark} is connected.`).waitFor();
  await accessible(page);
  const [anybody] = await sim('GET', '/sim/telegram/people');
  await sim('POST', `/sim/telegram/${bot.token}/people/${anybody.id}/messages`, { kind: 'text', text: `Through the guide ${mark}` });
  await open('inbox/open', 'Inbox');
  await page.locator('.list a.row', { hasText: `Through the guide ${mark}` }).waitFor();
});

await step('nothing complained', async () => insist(complaints.length === 0, complaints.join('\n')));

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
