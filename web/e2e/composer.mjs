// Writing: a member and their contacts, in a browser each, through everything that the composer can do, on a running demo:
//   BASE_URL=… EMAIL=… PASSWORD=… PHONE_URL=… node e2e/composer.mjs
// The member must be an owner. It leaves messages, and a canned reply, behind.
import { readFileSync } from 'node:fs';
import { accessible } from './accessible.mjs';
import { openDesk, threadOf } from './desk.mjs';
import { ended, insist, mark, step, until } from './steps.mjs';

const desk = await openDesk();
const { call, sim } = desk;
const picture = readFileSync(new URL('../public/icon-192.png', import.meta.url));
const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');

await call('POST', '/canned-replies', { shortcut: `w${mark}`, text: 'Ciao {{contact.first_name}}, qui {{member.first_name}} di {{workspace.name}}.', team_id: null });
const [sofia, elena, chiara] = await Promise.all(['Sofia Ferri', 'Elena Ricci', 'Chiara Longo'].map(desk.conversationWith));
const page = await desk.member();
const [phone, elenas, chiaras] = await Promise.all([desk.phone('telegram', 'Sofia Ferri'), desk.phone('whatsapp', 'Elena Ricci'), desk.phone('whatsapp', 'Chiara Longo')]);
const { composer, form, saying, went, button, write, holdFor } = threadOf(page);
const dialog = page.getByRole('dialog');
const planned = (text) => page.locator('[data-scheduled]', { hasText: text });
/** So that what follows a failure begins where it would have begun. */
const again = async () => {
  for (let layer = 0; layer < 3; layer += 1) await page.keyboard.press('Escape');
  await form.getByRole('radio', { name: 'Reply' }).click({ timeout: 1_000 });
  await composer.fill('', { timeout: 1_000 });
};
const does = (name, run) => step(name, run, again);
/** The server has this as what was begun. */
const kept = (text) => until(`the draft is “${text}”`, async () => ((await call('GET', `/conversations/${sofia.id}/draft`)).text ?? '') === text);

await does('the composer says in which language the contact is written to', async () => {
  await desk.open(page, sofia.id, 'open');
  await page.getByRole('textbox', { name: 'Reply to Sofia Ferri in Italian…' }).waitFor();
  await accessible(page);
});

await does('for how long sending can be undone is chosen once', async () => {
  await button('Other ways to send').click();
  await page.getByRole('menu').waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
  await holdFor('Not at all');
  await page.reload();
  await button('Other ways to send').click();
  insist((await page.getByRole('menuitemcheckbox', { name: 'Not at all' }).getAttribute('aria-checked')) === 'true', 'The choice is forgotten.');
  await page.keyboard.press('Escape');
});

await does('a text reaches the phone; a note does not', async () => {
  await form.getByRole('radio', { name: 'Note' }).click();
  await composer.pressSequentially(`Only for us ${mark} @Mar`);
  await page.getByRole('option', { name: 'Marco Bianchi' }).waitFor();
  await accessible(page);
  await composer.press('Enter');
  insist((await composer.inputValue()).endsWith('@Marco Bianchi '), 'The name is not written out.');
  await composer.press('Enter');
  await saying(`Only for us ${mark}`).and(page.locator('.note')).locator('.mention', { hasText: '@Marco Bianchi' }).waitFor();
  await form.getByRole('radio', { name: 'Reply' }).click();
  await write(`To the phone ${mark}`);
  await phone.hears(`To the phone ${mark}`);
  await went(`To the phone ${mark}`);
  insist((await phone.bubble(`Only for us ${mark}`).count()) === 0, 'The note is on the phone.');
});

await does('Tab stops once at “Reply” and “Note”; the arrow keys go to the other', async () => {
  await composer.focus();
  await page.keyboard.press('Tab');
  await form.getByRole('radio', { name: 'Reply' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.press('ArrowRight');
  await form.getByRole('radio', { name: 'Note', checked: true }).and(page.locator(':focus')).waitFor();
  await page.keyboard.press('ArrowLeft');
  await form.getByRole('radio', { name: 'Reply', checked: true }).and(page.locator(':focus')).waitFor();
});

await does('every control is reached by keyboard alone', async () => {
  await composer.fill('something');
  await composer.focus();
  const reached = [];
  for (let at = 0; at < 7; at += 1) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent?.trim()));
  }
  insist(reached.slice(0, 6).join() === 'Reply,Attach files,Insert an emoji,Canned replies,Send,Other ways to send', `Tab goes to ${reached}`);
  await composer.fill('');
});

await does('a file of the button is seen on the phone', async () => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button('Attach files').click()]);
  await chooser.setFiles([{ name: `list-${mark}.txt`, mimeType: 'text/plain', buffer: Buffer.from('one jug\n') }, { name: `other-${mark}.txt`, mimeType: 'text/plain', buffer: Buffer.from('none\n') }]);
  await button(`Remove other-${mark}.txt`).click();
  await button('Send').and(page.locator(':enabled')).waitFor();
  await composer.press('Enter');
  await phone.hears(`list-${mark}.txt`);
  insist((await phone.bubble(`other-${mark}.txt`).count()) === 0, 'What was removed was sent.');
});

/** As a file manager or another page gives it. */
const carrying = (name, type, bytes) =>
  page.evaluateHandle(([name, type, data]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))], name, { type }));
    return carried;
  }, [name, type, bytes.toString('base64')]);

await does('a file that is dropped is seen on the phone', async () => {
  const dataTransfer = await carrying(`plan-${mark}.pdf`, 'application/pdf', PDF);
  await form.dispatchEvent('dragover', { dataTransfer });
  await page.getByText('Drop to attach').waitFor();
  await form.dispatchEvent('drop', { dataTransfer });
  await button(`Remove plan-${mark}.pdf`).waitFor();
  await page.getByText('Drop to attach').waitFor({ state: 'detached' });
  await accessible(page);
  await composer.fill(`Dropped ${mark}`);
  await button('Send').and(page.locator(':enabled')).click();
  await phone.hears(`plan-${mark}.pdf`);
  await phone.hears(`Dropped ${mark}`);
});

await does('a picture that is pasted is seen before and on the phone; a pasted text stays a text', async () => {
  const carried = await carrying('pasted.png', 'image/png', picture);
  const paste = (what) => composer.evaluate((field, clipboardData) => field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })), what);
  await paste(carried);
  await form.locator('.uploads img').waitFor();
  // A table's text comes with a picture of it.
  await carried.evaluate((one) => one.setData('text/plain', 'a table'));
  await paste(carried);
  insist((await form.locator('.uploads li').count()) === 1, 'The picture of a text was attached.');
  await composer.fill(`Pasted ${mark}`);
  await button('Send').and(page.locator(':enabled')).click();
  await phone.bubble(`Pasted ${mark}`).locator('img.picture').waitFor();
  await saying(`Pasted ${mark}`).getByRole('button', { name: /^Open the picture/ }).waitFor();
});

await does('a canned reply is found by / and written out with what is known', async () => {
  await composer.pressSequentially(`/w${mark.slice(0, 3)}`);
  await page.getByRole('option', { name: `/w${mark}` }).waitFor();
  await accessible(page);
  await composer.press('Tab');
  insist((await composer.inputValue()) === 'Ciao Sofia, qui Giulia di Bottega Conti. ', `It reads ${await composer.inputValue()}`);
  await composer.press('Enter');
  await phone.hears('Ciao Sofia, qui Giulia di Bottega Conti.');
});

await does('an emoji is chosen by the arrow keys, and written where the caret is', async () => {
  await composer.fill('Hot  tea');
  await composer.evaluate((field) => field.setSelectionRange(4, 4));
  await button('Insert an emoji').press('Enter');
  const emoji = page.getByRole('dialog', { name: 'Insert an emoji' });
  await emoji.getByRole('button').first().and(page.locator(':focus')).waitFor();
  await accessible(page);
  await page.keyboard.press('ArrowRight');
  const chosen = await page.evaluate(() => document.activeElement.textContent.trim());
  await page.keyboard.press('Enter');
  await until('it is written', async () => (await composer.inputValue()) === `Hot ${chosen} tea`);
  insist(await composer.evaluate((field) => field === document.activeElement), 'The focus is lost.');
  await composer.fill('');
});

await does('an answer to one message says so on both sides', async () => {
  await phone.says(`Which one ${mark}?`);
  const asked = saying(`Which one ${mark}?`);
  await asked.waitFor();
  await asked.getByRole('button', { name: 'Reply to this message' }).press('Enter');
  await form.locator('.quote', { hasText: `Which one ${mark}?` }).waitFor();
  await accessible(page);
  await write(`The blue one ${mark}`);
  await phone.bubble(`The blue one ${mark}`).locator('.quote', { hasText: `Which one ${mark}?` }).waitFor();
  await saying(`The blue one ${mark}`).locator('.quote', { hasText: `Which one ${mark}?` }).waitFor();
  await phone.does(`The blue one ${mark}`, 'Reply');
  await phone.says(`And the lid ${mark}?`);
  await saying(`And the lid ${mark}?`).locator('.quote', { hasText: `The blue one ${mark}` }).waitFor();
});

await does('reactions are seen on both sides', async () => {
  const asked = saying(`And the lid ${mark}?`);
  await asked.getByRole('button', { name: 'React' }).press('Enter');
  const choices = asked.getByRole('toolbar', { name: 'React' });
  await choices.getByRole('button', { name: 'Thumbs up' }).waitFor();
  await accessible(page);
  await choices.getByRole('button', { name: 'Thumbs up' }).press('Enter');
  await phone.bubble(`And the lid ${mark}?`).locator('.reactions', { hasText: '👍' }).waitFor();
  await phone.does(`The blue one ${mark}`, 'React with 🎉');
  await saying(`The blue one ${mark}`).getByRole('list', { name: 'Reactions' }).getByRole('button', { name: /🎉 Sofia/ }).waitFor();
});

await does('what was begun is kept on the server: after a reload, and in another browser', async () => {
  await composer.fill(`Begun ${mark}`);
  await kept(`Begun ${mark}`);
  await page.reload();
  await until('it is there again', async () => (await composer.inputValue()) === `Begun ${mark}`);
  const other = await desk.member();
  await desk.open(other, sofia.id);
  const there = threadOf(other);
  await until('it is there, too', async () => (await there.composer.inputValue()) === `Begun ${mark}`);
  await there.write(`Begun ${mark} and ended elsewhere`);
  await kept('');
  await other.context().close();
  await phone.hears(`Begun ${mark} and ended elsewhere`);
  await page.reload();
  await saying(`Begun ${mark} and ended elsewhere`).waitFor();
  await until('nothing is left of it', async () => (await composer.inputValue()) === '');
});

await does('a message waits for its time, which is said in words, changed, and taken back into the composer', async () => {
  await composer.fill(`Later ${mark}`);
  await composer.press('Control+Shift+Enter');
  const moment = dialog.getByRole('combobox', { name: 'Send later…' });
  await moment.and(page.locator(':focus')).waitFor();
  await accessible(page);
  await moment.fill('never mind');
  await page.getByText('No moment ahead is meant by that.').waitFor();
  await moment.fill('tomorrow 9:00');
  await dialog.getByRole('option').first().waitFor();
  await moment.press('Enter');
  await planned(`Later ${mark}`).getByText(/^Will be sent \w{3},? 09:00$/).waitFor();
  await accessible(page);
  await planned(`Later ${mark}`).getByRole('button', { name: 'Another time' }).press('Enter');
  await dialog.getByRole('combobox', { name: 'Another time' }).fill('in 10 days');
  await dialog.getByRole('combobox', { name: 'Another time' }).press('Enter');
  await planned(`Later ${mark}`).getByText(/^Will be sent \d+ \w+/).waitFor();
  await planned(`Later ${mark}`).getByRole('button', { name: 'Edit' }).click();
  await planned(`Later ${mark}`).waitFor({ state: 'detached' });
  insist((await composer.inputValue()) === `Later ${mark}`, 'It is not back in the composer.');
});

await does('what waits is not sent, or sent at once, as one likes', async () => {
  for (const text of [`Never ${mark}`, `Now ${mark}`]) {
    await composer.fill(text);
    await composer.press('Control+Shift+Enter');
    await dialog.getByRole('combobox', { name: 'Send later…' }).press('Enter');
    await planned(text).waitFor();
  }
  await planned(`Never ${mark}`).getByRole('button', { name: 'Do not send' }).click();
  await planned(`Now ${mark}`).getByRole('button', { name: 'Send now' }).click();
  await phone.hears(`Now ${mark}`);
  await planned(`Now ${mark}`).waitFor({ state: 'detached' });
  insist((await phone.bubble(`Never ${mark}`).count()) + (await planned(`Never ${mark}`).count()) === 0, 'It was sent.');
});

await does('sending is undone within seconds, by the button and by z', async () => {
  await holdFor('20 seconds');
  await write(`Undone ${mark}`);
  await planned(`Undone ${mark}`).getByText(/^Sending in \d+ s$/).waitFor();
  await planned(`Undone ${mark}`).getByRole('button', { name: 'Undo' }).click();
  await until('it is back', async () => (await composer.inputValue()) === `Undone ${mark}`);
  await composer.press('Enter');
  await planned(`Undone ${mark}`).waitFor();
  await composer.press('Escape');
  await page.keyboard.press('z');
  await until('it is back', async () => (await composer.inputValue()) === `Undone ${mark}`);
  await holdFor('5 seconds');
  await write(`Let go ${mark}`);
  await phone.hears(`Let go ${mark}`);
  insist((await phone.bubble(`Undone ${mark}`).count()) === 0, 'What was undone is on the phone.');
  await holdFor('Not at all');
});

await does('what the channel does not take is said before it is sent, and not sent', async () => {
  await composer.fill('a'.repeat(4_000));
  await form.getByLabel('96 characters left').waitFor();
  await composer.fill('a'.repeat(4_098));
  await form.getByText('2 characters too many for this channel').waitFor();
  await accessible(page);
  insist(await button('Send').isDisabled(), 'It can be sent.');
  await composer.press('Enter');
  insist((await composer.inputValue()).length === 4_098, 'Enter sent it.');
  await composer.press('Backspace');
  await composer.press('Backspace');
  await button('Send').and(page.locator(':enabled')).waitFor();
  await composer.fill('');
});

await does('sending and resolving are one; what the contact answers opens it again', async () => {
  await composer.fill(`Done with ${mark}`);
  await composer.press('Control+Enter');
  await phone.hears(`Done with ${mark}`);
  await until('it is resolved', async () => (await call('GET', `/conversations/${sofia.id}`)).status === 'resolved');
  await until('the next is open', () => !page.url().includes(sofia.id));
  await phone.says(`Thanks ${mark}`);
  await until('it is open', async () => (await call('GET', `/conversations/${sofia.id}`)).status === 'open');
});

await does('a message that fails says why, and goes when it is sent again', async () => {
  await desk.open(page, elena.id);
  const [{ id: app }] = await sim('GET', '/sim/graph/apps');
  await sim('POST', `/sim/graph/apps/${app}/faults/messages`, { fault: 'refuse', code: 131026 });
  await write(`Refused ${mark}`);
  const row = saying(`Refused ${mark}`).and(page.locator('[data-state=failed]'));
  await row.getByText('It could not be delivered: the contact may have blocked you').waitFor();
  await accessible(page);
  await sim('DELETE', `/sim/graph/apps/${app}/faults`);
  await row.getByRole('button', { name: 'Send again' }).click();
  await elenas.hears(`Refused ${mark}`);
  await saying(`Refused ${mark}`).and(page.locator('[data-state=read]')).waitFor();
  insist((await elenas.bubble(`Refused ${mark}`).count()) === 1, 'It arrived more than once.');
});

await does('the window says that it closes, and when it is closed', async () => {
  const later = await desk.window();
  await later.clock.setSystemTime(Date.now() + 20.5 * 3_600_000);
  await later.context().addCookies(await page.context().cookies());
  await desk.open(later, elena.id);
  await later.getByRole('status').getByText('Replies possible for 3 hours').waitFor();
  await later.clock.setSystemTime(Date.now() + 24.5 * 3_600_000);
  await later.reload();
  await later.getByRole('status').getByText('only a template can be sent now').waitFor();
  await later.context().close();
});

await does('with the window closed a text stays here, a note does not, and a template goes with what it was given', async () => {
  await desk.open(page, chiara.id);
  await page.getByRole('status').getByText('They have not written yet: only a template can be sent').waitFor();
  await accessible(page);
  await write('Not possible');
  insist((await composer.inputValue()) === 'Not possible' && (await saying('Not possible').count()) === 0, 'It went, or is gone.');
  await composer.fill('');
  await form.getByRole('radio', { name: 'Note' }).click();
  await write(`She comes at six ${mark}`);
  await saying(`She comes at six ${mark}`).and(page.locator('.note')).waitFor();
  await form.getByRole('radio', { name: 'Reply' }).click();
  await button('Choose a template').click();
  await dialog.getByRole('textbox', { name: 'Search templates…' }).fill('parcel');
  await accessible(page);
  await dialog.getByRole('listitem').getByRole('button').click();
  await accessible(page);
  const preview = dialog.locator('.preview');
  await preview.getByText('Hello Chiara, your parcel left our shop today and should arrive on {{2}}.').waitFor();
  insist(await dialog.getByRole('button', { name: 'Send' }).isDisabled(), 'It can be sent unfilled.');
  await dialog.getByLabel('Heading').fill(mark);
  await dialog.getByLabel('Variable 2').fill('Friday');
  await dialog.getByLabel('Value for the button “Follow the parcel”').fill(mark);
  await preview.getByText(`Order ${mark}`).waitFor();
  await preview.getByText('should arrive on Friday.').waitFor();
  await dialog.getByRole('button', { name: 'Send' }).click();
  await chiaras.hears('Hello Chiara, your parcel left our shop today and should arrive on Friday.');
  await chiaras.hears(`Order ${mark}`);
  await page.locator('[data-message]', { hasText: 'Template parcel_on_its_way' }).and(page.locator('[data-state=delivered], [data-state=read]')).waitFor();
});

await does('what the server refuses says why, and is discarded', async () => {
  await button('Choose a template').click();
  await dialog.getByRole('listitem').getByRole('button').filter({ hasText: 'nuova collezione' }).click();
  await dialog.getByText('Advertising: it only goes to contacts who have agreed to it.').waitFor();
  await dialog.getByRole('button', { name: 'Send' }).click();
  const row = page.locator('[data-state=pending]');
  await row.getByText('The contact has not agreed to this kind of message on this channel.').waitFor();
  await accessible(page);
  await row.getByRole('button', { name: 'Discard' }).click();
  await row.waitFor({ state: 'detached' });
});

await does('when the contact writes, the window is open', async () => {
  await chiaras.says(`Arrivo alle sei ${mark}`);
  await saying(`Arrivo alle sei ${mark}`).waitFor();
  await page.getByRole('status').getByText('only a template can be sent').waitFor({ state: 'detached' });
  await write(`A dopo ${mark}`);
  await chiaras.hears(`A dopo ${mark}`);
});

/** A mailbox at the simulated Google, whose owner signs in as one does; answers what it sent. */
async function mailbox(address) {
  const { client_id, client_secret } = await sim('POST', '/sim/google/mailboxes', { address });
  const channel = await call('POST', '/channels', { kind: 'gmail', name: `Post ${mark}`, settings: { client_id, client_secret } });
  await page.goto(`${desk.url}/#/settings/channels/${channel.id}`);
  await page.getByRole('button', { name: 'Sign in: Gmail' }).click();
  await until('the mailbox is open', async () => (await call('GET', `/channels/${channel.id}`)).state === 'ready');
  return async () => (await sim('GET', `/sim/google/${address}/sent`)).mails;
}

await does('a mail says what it is about: as the conversation has it, or as it is changed, which is kept and shown', async () => {
  const address = `post-${mark}@shop.example`;
  const sent = await mailbox(address);
  const letter = { from: `anna-${mark}@example.org`, name: `Anna ${mark}`, subject: 'Bread', text: 'Is there bread?' };
  await sim('POST', `/sim/google/${address}/letters`, letter);
  const anna = await desk.conversationWith(`Anna ${mark}`);
  await desk.open(page, anna.id);
  const subject = form.getByRole('textbox', { name: 'Subject' });
  await until('it goes on as it began', async () => (await subject.inputValue()) === 'Re: Bread');
  await form.getByRole('radio', { name: 'Note' }).click();
  insist((await subject.count()) === 0, 'A note has a subject.');
  await form.getByRole('radio', { name: 'Reply' }).click();
  await accessible(page);
  await write(`Yes ${mark}`);
  await went(`Yes ${mark}`);
  insist((await saying(`Yes ${mark}`).locator('.subject').count()) === 0, 'It says what the conversation says.');
  await subject.fill('Fresh bread');
  await composer.fill(`Until six ${mark}`);
  await until('the draft is kept', async () => {
    const kept = await call('GET', `/conversations/${anna.id}/draft`);
    return kept.subject === 'Fresh bread' && kept.text === `Until six ${mark}`;
  });
  await page.reload();
  await until('it is there again', async () => (await subject.inputValue()) === 'Fresh bread' && (await composer.inputValue()) === `Until six ${mark}`);
  await composer.press('Enter');
  await went(`Until six ${mark}`);
  await saying(`Until six ${mark}`).locator('.subject', { hasText: 'Fresh bread' }).waitFor();
  await until('what is next goes on from there', async () => (await subject.inputValue()) === 'Re: Fresh bread');
  const subjects = (await sent()).map((mail) => mail.subject);
  insist(subjects.join() === 'Re: Bread,Fresh bread', `They are about ${subjects}`);
  await subject.fill('');
  await subject.press('Enter');
  await until('emptied, it is as it would be by itself', async () => (await subject.inputValue()) === 'Re: Fresh bread');
});

await does('? lists what the keys do while one writes', async () => {
  await composer.press('Escape');
  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keyboard' });
  for (const word of ['Send', 'New line', 'Send and resolve', 'Send later…', 'Canned replies', 'Leave the field']) await keys.getByText(word, { exact: true }).first().waitFor();
  await accessible(page);
  await page.keyboard.press('Escape');
});

await does('on a phone the composer is whole, and nothing is wider than the screen', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await desk.open(page, chiara.id);
  await composer.fill('A dopo');
  const outside = await form.evaluate((form) => [...form.querySelectorAll('button:not([hidden])')].filter((one) => one.offsetWidth > 0).filter((one) => one.getBoundingClientRect().right > innerWidth || one.getBoundingClientRect().left < 0).map((one) => one.textContent || one.ariaLabel));
  insist(outside.length === 0, `Out of the screen: ${outside}`);
  await accessible(page);
  await composer.fill('');
});

await step('nothing was thrown and no policy was broken on the way', async () => insist(desk.complaints.length === 0, desk.complaints.join('\n')));

await desk.browser.close();
ended();
