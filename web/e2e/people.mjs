// The contact beside the thread, search, the palette and the small screen, by two members and a contact on a running demo:
//   BASE_URL=… [OUT=DIR] node e2e/people.mjs
// It erases somebody whom it made, and leaves the others behind.
import { readFile } from 'node:fs/promises';
import { accessible } from './accessible.mjs';
import { complaintsOf, ended, insist, mark, step, until } from './steps.mjs';
import { atDesk, members, mending, people, says } from './members.mjs';
import { launch } from '../scripts/browser.mjs';
import { rest } from '../scripts/rest.mjs';

const url = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
const [giulia, marco] = await members(url);
const call = await rest(giulia);
const [dora, elsa, fay, gina] = await people(call, [`Dora ${mark}`, `Elsa ${mark}`, `Fay ${mark}`, `Gina ${mark}`]);
/** So many that what is found is not on the first page. */
const FAR = 130;
await says(call, gina, `The teapot ${mark} is blue, with a crackle glaze.`);
for (let at = 0; at < FAR; at += 10) await Promise.all(Array.from({ length: 10 }, (_, one) => says(call, gina, `Line ${at + one}`)));

const browser = await launch();
const her = await atDesk(browser, giulia);
const his = await atDesk(browser, marco);
const complaints = complaintsOf(his.page, complaintsOf(her.page));
const { page, panel, dialog, palette, press } = her;
const mend = mending(her, his);
const attempt = (name, run) => step(name, run, () => mend(name));
const contactOf = (person) => call('GET', `/contacts/${person.contact}`);
const section = (name, on = panel) => on.locator('section', { has: page.getByRole('heading', { name, exact: true }) });
const offered = () => palette.getByRole('option').allInnerTexts().then((all) => all.map((text) => text.split('\n')[0].trim()));

await attempt('a contact’s name and language are changed where they stand; the other’s list has the new name at once', async () => {
  await her.open(dora.name);
  await panel.getByRole('button', { name: `Change the name ${dora.name}` }).click();
  await panel.getByLabel('Name', { exact: true }).fill(`Dora Nuova ${mark}`);
  await accessible(page);
  await press('Enter');
  dora.name = `Dora Nuova ${mark}`;
  await his.row(dora.name).waitFor();
  await panel.getByRole('button', { name: 'Language: Not known' }).click();
  await page.getByRole('option', { name: 'Italian' }).waitFor();
  await accessible(page);
  await page.keyboard.type('german');
  await press('Enter');
  await panel.getByRole('button', { name: 'Language: German' }).waitFor();
  insist((await contactOf(dora)).language === 'de', 'The language was not kept.');
});

async function field(of, name, value, on = panel) {
  await on.getByRole('button', { name: `${of}: Add a field` }).click();
  await on.getByLabel('Name of the field').fill(name);
  await on.getByLabel('Value', { exact: true }).fill(value);
  await on.page().keyboard.press('Enter');
  await on.getByLabel(name, { exact: true }).waitFor();
}

await attempt('fields of the contact and of the conversation are added, changed and taken away, seen by the other as they come', async () => {
  await his.open(dora.name);
  await field('Attributes', 'Size', '42');
  await field('Fields of the conversation', 'Order', '1042');
  await accessible(page);
  for (const [name, value] of [['Size', '42'], ['Order', '1042']]) await until(`the other sees ${name}`, async () => (await his.panel.getByLabel(name, { exact: true }).inputValue()) === value);
  await panel.getByLabel('Order', { exact: true }).fill('1043');
  await press('Enter');
  await until('the other sees the change', async () => (await his.panel.getByLabel('Order', { exact: true }).inputValue()) === '1043');
  insist((await call('GET', `/conversations/${dora.conversation}`)).attributes.Order === '1043', 'It was not kept.');
  await panel.getByLabel('Size', { exact: true }).fill('');
  await press('Enter');
  await his.panel.getByLabel('Size', { exact: true }).waitFor({ state: 'detached' });
});

await attempt('a consent is recorded with its words, is there for the other, and is withdrawn', async () => {
  await his.open('Sofia Ferri');
  await her.open(dora.name);
  await panel.getByRole('button', { name: 'Record a consent' }).click();
  const form = page.getByRole('dialog', { name: 'Record a consent' });
  await accessible(page);
  await form.getByLabel('For what').selectOption('Surveys');
  await form.getByLabel('Their words').fill(`Yes, ask me. ${mark}`);
  await form.getByLabel('The exact text').fill(`Shall we ask you? ${mark}`);
  await form.getByRole('button', { name: 'Save' }).click();
  await panel.getByText('Surveys · ').waitFor();
  await his.open(dora.name);
  await his.panel.getByText('Surveys · ').waitFor();
  await accessible(page);
  await panel.getByLabel('How it was given: Surveys').click();
  await panel.getByText('in a conversation').waitFor();
  await accessible(page);
  const [receipt] = await Promise.all([page.waitForEvent('download'), panel.getByRole('link', { name: 'Receipt' }).click()]);
  const record = JSON.parse(await readFile(await receipt.path(), 'utf8'))['dpv:hasRecordOfActivity'];
  insist(record['dpv:hasDataSubject']['dct:identifier'] === dora.contact && record['dpv:hasNotice']['dct:description'] === `Shall we ask you? ${mark}`, JSON.stringify(record));
  await panel.getByRole('button', { name: 'Withdraw: Surveys' }).click();
  for (const who of [panel, his.panel]) await who.getByText(/^Surveys: withdrawn on/).waitFor();
  const [kept] = (await call('GET', `/contacts/${dora.contact}/consents`)).data;
  insist(kept.purpose === 'survey' && kept.withdrawn_at && kept.withdrawn_by === 'member', 'It was not kept.');
});

await attempt('the processing of a contact’s data is restricted, the other sees it as it comes, and it is lifted', async () => {
  await his.open(dora.name);
  await her.open(dora.name);
  await panel.getByRole('button', { name: 'Restrict processing' }).click();
  for (const who of [panel, his.panel]) await who.getByText('Processing is restricted.').waitFor();
  await accessible(page);
  insist((await contactOf(dora)).restricted === true, 'It was not kept.');
  await panel.getByRole('button', { name: 'Lift the restriction' }).click();
  for (const who of [panel, his.panel]) await who.getByText('Processing is restricted.').waitFor({ state: 'detached' });
  insist((await contactOf(dora)).restricted === false, 'It was not lifted.');
});

await attempt('a contact objects, and a legal hold is set: both are seen as they come, and go', async () => {
  await his.open(dora.name);
  await her.open(dora.name);
  await panel.getByRole('button', { name: 'Record an objection' }).click();
  for (const who of [panel, his.panel]) await who.getByText('The contact objects.').waitFor();
  const { id } = await call('POST', '/legal-holds', { on: 'contact', contact_id: dora.contact, reason: 'Case 12' });
  for (const who of [panel, his.panel]) await who.getByText('A legal hold stands.').waitFor();
  await accessible(page);
  insist((await contactOf(dora)).objection.purposes.length === 3, 'It was not kept.');
  await panel.getByRole('button', { name: 'The objection is taken back' }).click();
  for (const who of [panel, his.panel]) await who.getByText('The contact objects.').waitFor({ state: 'detached' });
  await call('DELETE', `/legal-holds/${id}`);
  for (const who of [panel, his.panel]) await who.getByText('A legal hold stands.').waitFor({ state: 'detached' });
});

await attempt('two who are one are merged from the palette, shown side by side first; both see one name, and it is undone', async () => {
  await her.open(dora.name);
  await her.command('same person');
  const merging = page.getByRole('dialog', { name: 'Merge contacts' });
  await merging.getByText(`Who is the same person as ${dora.name}?`).waitFor();
  await page.keyboard.type(elsa.name);
  await merging.getByRole('button', { name: elsa.name }).waitFor();
  await accessible(page);
  await press('Tab', 'Enter');
  await merging.getByText('Becomes part of it').waitFor();
  await accessible(page);
  await merging.getByRole('button', { name: 'Merge' }).click();
  await her.notice(`Merged with ${elsa.name}`).waitFor();
  for (const who of [her, his]) await until('there are two of the one name', async () => (await who.row(dora.name).count()) === 2 && (await who.row(elsa.name).count()) === 0);
  await section('Merged with').getByText(elsa.name).waitFor();
  await accessible(page);
  await her.notice(`Merged with ${elsa.name}`).getByRole('button', { name: 'Undo' }).click();
  for (const who of [her, his]) await who.row(elsa.name).waitFor();
  await section('Merged with').waitFor({ state: 'detached' });
});

await attempt('what was said elsewhere is listed and opened; a merge is split in the panel, and z merges again', async () => {
  await call('POST', `/contacts/${dora.contact}/merges`, { contact_id: elsa.contact });
  await until('there are two of the one name', async () => (await her.row(dora.name).count()) === 2);
  await her.open(dora.name);
  await panel.getByText('Other conversations').click();
  const other = panel.getByRole('link', { name: `Good morning, this is ${elsa.name}.` });
  await other.or(panel.getByRole('link', { name: 'Good morning, this is Dora' })).waitFor();
  await accessible(page);
  const before = page.url();
  await panel.locator('details a[href^="#/inbox"]').click();
  await until('the other one is open', async () => page.url() !== before);
  await her.header.getByRole('heading', { level: 1, name: dora.name }).waitFor();
  await section('Merged with').getByRole('button', { name: 'Split' }).click();
  await his.row(elsa.name).waitFor();
  await her.unfocused();
  await press('z');
  await his.row(elsa.name).waitFor({ state: 'detached' });
  await section('Merged with').getByRole('button', { name: 'Split' }).click();
  await his.row(elsa.name).waitFor();
});

await attempt('where the data is and until when is told place by place', async () => {
  await her.open('Sofia Ferri');
  await panel.getByText('Where the data is').click();
  await panel.getByText('Kept in: the European Union').waitFor();
  for (const words of ['In the database, encrypted', 'Search index, encrypted', 'At the channel’s provider', 'Until the contact is erased']) await panel.getByText(words).first().waitFor();
  await accessible(page);
});

await attempt('a copy of a contact’s data is saved: all that was said, and no note', async () => {
  await call('POST', `/conversations/${gina.conversation}/messages`, { note: true, text: `Among us ${mark}` });
  await her.open(gina.name);
  await her.command('give them a copy');
  const exporting = page.getByRole('dialog', { name: `A copy for ${gina.name}` });
  await exporting.waitFor();
  await accessible(page);
  const [download] = await Promise.all([page.waitForEvent('download'), exporting.getByRole('button', { name: 'Save the file' }).click()]);
  const copy = await readFile(await download.path(), 'utf8');
  const told = JSON.parse(copy);
  insist(told.contact.name === gina.name && told.conversations[0].messages.length === FAR + 2, `${told.conversations[0].messages.length} messages are in it.`);
  insist(!copy.includes(`Among us ${mark}`), 'A note is in it.');
});

await attempt('what is only for some is not offered to the others', async () => {
  await his.open(fay.name);
  await his.panel.getByRole('button', { name: 'Merge with another contact…' }).waitFor();
  insist((await his.panel.getByRole('button', { name: /^Erase|copy of their data/ }).count()) === 0, 'An agent is offered what is refused.');
  await his.press('Control+k');
  await his.palette.getByRole('combobox').fill('erase this contact');
  await his.palette.getByText('Nothing fits').or(his.palette.getByRole('option')).first().waitFor();
  insist((await his.palette.getByRole('option', { name: 'Erase this contact…' }).count()) === 0, 'The palette offers it.');
  await his.press('Escape');
});

await attempt('a contact is erased once their name is typed, and is gone at once from the other’s screen', async () => {
  await his.open(fay.name);
  await her.open(fay.name);
  await her.command('erase this contact');
  const erasing = page.getByRole('dialog', { name: `Erase ${fay.name}?` });
  const button = erasing.getByRole('button', { name: 'Erase for good' });
  await button.waitFor();
  insist(await button.isDisabled(), 'It may be pressed by accident.');
  await accessible(page);
  await page.keyboard.type('Fay');
  insist(await button.isDisabled(), 'Half a name is enough.');
  await press('Control+a');
  await page.keyboard.type(fay.name);
  await press('Enter');
  for (const who of [her, his]) {
    await who.row(fay.name).waitFor({ state: 'detached' });
    await who.message(`this is ${fay.name}`).waitFor({ state: 'detached' });
  }
  await his.page.goto(`${url}/#/inbox/open/${fay.conversation}`);
  await his.page.getByText('This conversation is not here any more').waitFor();
  await accessible(his.page);
});

await attempt('search finds as one types, marks what was found, and opens it in its place far back in the thread', async () => {
  await her.open(dora.name);
  await press('/');
  const search = page.getByRole('dialog', { name: 'Search' });
  await search.getByRole('combobox').waitFor();
  await accessible(page);
  await page.keyboard.type(`teapot ${mark.slice(0, 4)}`);
  await page.keyboard.type(mark.slice(4));
  await search.getByRole('option').filter({ hasText: gina.name }).locator('mark', { hasText: 'teapot' }).waitFor();
  await accessible(page);
  await press('Enter');
  await page.locator('article.marked', { hasText: `The teapot ${mark}` }).waitFor();
  const seen = await page.locator('article.marked').boundingBox();
  insist(seen && seen.y > 0 && seen.y < 860, 'It is not in sight.');
  await her.header.getByRole('heading', { level: 1, name: gina.name }).waitFor();
});

await attempt('a search is narrowed by keyboard, moved in, and says in words when it finds nothing', async () => {
  await her.open(dora.name);
  await press('/');
  const search = page.getByRole('dialog', { name: 'Search' });
  await page.keyboard.type(`teapot ${mark}`);
  await search.getByRole('option').first().waitFor();
  await search.getByRole('button', { name: 'Where' }).focus();
  await press('Enter');
  await page.getByRole('menu').waitFor();
  await accessible(page);
  await page.keyboard.type('with');
  await press('Enter');
  await search.getByText('Perhaps it is outside of what you narrowed the search to.').waitFor();
  await accessible(page);
  await search.getByRole('button', { name: 'Everything' }).click();
  await search.getByRole('combobox').fill('line');
  await until('many are found', async () => (await search.getByRole('option').count()) > 3);
  await search.getByRole('combobox').press('ArrowDown');
  await search.getByRole('option').nth(1).and(search.locator('[aria-selected=true]')).waitFor();
  await press('Escape');
  await search.waitFor({ state: 'detached' });
});

await attempt('the palette has a command for whatever can be done with a conversation, its messages and its contact', async () => {
  await her.open('Sofia Ferri');
  await press('Control+k');
  await palette.getByRole('option').first().waitFor();
  await accessible(page);
  const all = await offered();
  const needed = [
    'Resolve', 'Snooze until…', 'Mark as pending', 'Assign to…', 'Assign to me', 'Label…', 'Priority…', 'Mark as unread', 'Reply', 'Write a note', 'Contact details', 'Reply to this message', 'React', 'Copy text',
    'Attach files', 'Canned replies', 'Merge with another contact…', 'Give them a copy of their data…', 'Erase this contact…', 'Filter', 'Order', 'Choose the conversation', 'Choose all that are shown', 'Search', 'Go to Mine',
    'Go to Telegram', 'Settings', 'Theme', 'Language', 'Keyboard', 'Sign out',
  ];
  const missing = needed.filter((one) => !all.includes(one));
  insist(missing.length === 0, `It does not have ${missing.join(', ')}`);
  await palette.getByRole('combobox').fill('qqqq');
  await palette.getByText('Nothing fits').waitFor();
  await palette.getByRole('combobox').fill('prio');
  await press('Enter');
  await dialog.getByRole('option', { name: 'Urgent' }).waitFor();
  await press('Backspace');
  await palette.getByRole('option', { name: 'Mark as pending' }).waitFor();
  await press('Escape');
});

await attempt('by the palette and by key a message is reacted to, changed and taken back', async () => {
  await her.open('Sofia Ferri');
  await her.command('react', 'Heart');
  const mine = page.locator('[data-message].incoming').last().getByRole('list', { name: 'Reactions' }).locator('[aria-pressed=true]', { hasText: '❤' });
  await mine.waitFor();
  await press('Shift+r');
  await dialog.getByRole('option', { name: 'Heart' }).waitFor();
  await page.keyboard.type('heart');
  await press('Enter');
  await mine.waitFor({ state: 'detached' });
  await her.composer.fill(`Slip ${mark}`);
  await press('Enter');
  const sent = her.message(`Slip ${mark}`).and(page.locator('[data-state=sent], [data-state=delivered], [data-state=read]'));
  await sent.waitFor();
  const same = page.locator(`[data-message="${await sent.getAttribute('data-message')}"]`);
  await her.unfocused();
  await press('Shift+e');
  await same.getByRole('textbox').fill(`Right ${mark}`);
  await press('Enter');
  await his.row('Sofia Ferri').filter({ hasText: `Right ${mark}` }).waitFor();
  await her.command('take back');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Take back' }).click();
  await same.getByText('This message was removed.').waitFor();
});

await attempt('? lists the keys, those of the composer with them; letters by themselves can be turned off', async () => {
  await her.open('Sofia Ferri');
  await press('?');
  const keys = page.getByRole('dialog', { name: 'Keyboard' });
  for (const words of ['Next conversation', 'Resolve', 'Snooze until…', 'Assign to…', 'React', 'Filter', 'Go to Mine', 'Send and resolve', 'New line']) await keys.getByText(words, { exact: true }).waitFor();
  await accessible(page);
  await keys.getByRole('switch').click();
  await press('Escape');
  await press('n');
  await press('Control+k');
  await palette.waitFor();
  await press('Escape');
  insist(!(await her.composer.evaluate((composer) => composer === document.activeElement)), 'n still writes a note.');
  await her.command('keyboard');
  await keys.getByRole('switch').click();
  await press('Escape');
});

await attempt('whatever opens beside a button is opened by key and closed by Escape, and the focus is back on its button', async () => {
  await her.open(dora.name);
  const buttons = [
    page.getByRole('button', { name: 'Order: Latest first' }), page.getByRole('button', { name: 'Filter', exact: true }), her.header.getByRole('button', { name: /^Assigned to/ }),
    her.header.getByRole('button', { name: 'Snooze until…' }), her.header.getByRole('button', { name: 'More' }), panel.getByRole('button', { name: /^Language/ }), panel.getByRole('button', { name: 'Record a consent' }),
  ];
  for (const button of buttons) {
    await button.focus();
    await press('Enter');
    await page.locator('.layer :focus').waitFor();
    await press('Escape');
    await page.locator('.layer').waitFor({ state: 'detached' });
    await button.and(page.locator(':focus')).waitFor();
  }
});

await attempt('with the keyboard alone one goes into the contact’s panel and back to the thread', async () => {
  await her.open(dora.name);
  await press('i');
  await panel.waitFor({ state: 'detached' });
  await press('i');
  await panel.and(page.locator(':focus')).waitFor();
  await press('Tab', 'Tab');
  await panel.getByRole('button', { name: `Change the name ${dora.name}` }).and(page.locator(':focus')).waitFor();
  await press('r');
  await her.composer.and(page.locator(':focus')).waitFor();
  await press('Escape');
});

await attempt('dark is kept where it was chosen', async () => {
  await her.command('theme', 'Dark');
  const dark = page.locator('html[data-theme=dark]');
  await dark.waitFor({ state: 'attached' });
  await page.reload();
  await her.rows.first().waitFor();
  await dark.waitFor({ state: 'attached' });
  const [red] = (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/g);
  insist(Number(red) < 60, `The background is ${red} red.`);
  await her.command('theme', 'As the system');
  await dark.waitFor({ state: 'detached' });
});

await attempt('on a phone one goes from the list to the thread, to the contact, and back', async () => {
  const small = await atDesk(browser, giulia, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  complaintsOf(small.page, complaints);
  await accessible(small.page);
  await small.row(dora.name).tap();
  await small.composer.waitFor();
  insist(!(await small.list.isVisible()), 'The list is still there.');
  await accessible(small.page);
  await small.header.getByRole('button', { name: 'Contact details' }).tap();
  await small.panel.and(small.page.locator(':focus')).waitFor();
  const shown = await small.panel.boundingBox();
  insist(shown.width === 390 && shown.height > 780, 'The contact does not have the screen.');
  await accessible(small.page);
  await small.panel.getByRole('button', { name: 'Close' }).tap();
  await small.panel.waitFor({ state: 'detached' });
  await small.header.getByRole('button', { name: 'More' }).tap();
  await small.page.getByRole('menuitem', { name: 'Snooze until…' }).tap();
  await small.dialog.getByRole('option', { name: 'Tomorrow morning' }).waitFor();
  await accessible(small.page);
  await small.dialog.getByRole('button', { name: 'Close' }).tap();
  await small.page.goBack();
  await small.row(dora.name).waitFor();
  await small.row(dora.name).tap();
  await small.header.getByRole('button', { name: 'Back' }).tap();
  await small.row(dora.name).waitFor();
  await small.row(dora.name).evaluate((row) => row.dispatchEvent(new PointerEvent('contextmenu', { bubbles: true, cancelable: true, pointerType: 'touch' })));
  await small.page.getByRole('toolbar', { name: 'Chosen conversations' }).getByText('1 chosen').waitFor();
  await accessible(small.page);
  await small.page.getByRole('button', { name: 'Choose none' }).tap();
  await small.page.getByRole('button', { name: 'Menu' }).tap();
  await small.nav.getByRole('link', { name: 'Snoozed' }).tap();
  await small.list.getByRole('heading', { level: 1, name: 'Snoozed' }).waitFor();
  await small.page.getByRole('navigation', { name: 'Main places' }).getByRole('button', { name: 'Search' }).tap();
  await small.dialog.getByRole('combobox').fill('teapot');
  await small.dialog.getByRole('option').first().tap();
  await small.page.locator('article.marked').waitFor();
  await small.context.close();
});

await step('nothing was thrown and no policy was broken on the way', async () => insist(complaints.length === 0, complaints.join('\n')));

await browser.close();
ended();
