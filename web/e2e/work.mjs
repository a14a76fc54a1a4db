// The list and what is done in it, by two members and a contact, each in a browser of their own, against a demo that has just begun:
//   BASE_URL=… PHONE_URL=… [OUT=DIR] node e2e/work.mjs
// Views and their counts, assignment, who else is there, mentions, unread, priorities, snoozing, many at once, undo, filters and saved views.
import { join } from 'node:path';
import { accessible, reflows } from './accessible.mjs';
import { atDesk, members, mending, people, says } from './members.mjs';
import { complaintsOf, ended, insist, mark, step, until } from './steps.mjs';
import { launch } from '../scripts/browser.mjs';
import { rest } from '../scripts/rest.mjs';

const url = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
const phoneUrl = process.env.PHONE_URL;

const [giulia, marco] = await members(url);
const call = await rest(giulia);
const ids = await call('GET', '/members?limit=100');
const marcosId = ids.data.find((one) => one.name === marco.name).id;
const team = await call('POST', '/teams', { name: `Workshop ${mark}`, member_ids: [marcosId] });
const [ada, bea, carla] = await people(call, [`Ada ${mark}`, `Bea ${mark}`, `Carla ${mark}`]);
const all = [ada, bea, carla];

const browser = await launch();
const her = await atDesk(browser, giulia);
const his = await atDesk(browser, marco);
const complaints = complaintsOf(his.page, complaintsOf(her.page));
const key = her.press;
const mend = mending(her, his);
const attempt = (name, run) => step(name, run, () => mend(name));
/** What the sidebar says beside a view: all of it, and what is unread. */
const count = (who, view) => who.nav.getByRole('link', { name: view }).locator('.count');
/** The conversation as the server has it. */
const kept = (person) => call('GET', `/conversations/${person.conversation}`);

const EMPTY = {
  Mine: 'Nothing is waiting for you', Mentions: 'Nobody has mentioned you', Snoozed: 'Nothing is snoozed', Resolved: 'Nothing resolved yet', [team.name]: 'Nothing here',
};
for (const [view, words] of Object.entries(EMPTY)) {
  await attempt(`“${view.replace(` ${mark}`, '')}” says what it is for while nothing is in it`, async () => {
    await her.view(view);
    await her.page.locator('.list').getByText(words).waitFor();
    if (view === 'Mine') await accessible(her.page);
  });
}

await attempt('an inbox that is done, one that nobody waits in, and a workspace without any say so', async () => {
  const none = { status: 200, contentType: 'application/json', body: '{"data":[],"next":null}' };
  const lists = /\/api\/v1\/conversations\?/;
  const fresh = await atDesk(browser, giulia);
  // As if all of it were done.
  await fresh.page.route(lists, async (route) => {
    if (/[?&](status|assignee)=/.test(route.request().url())) return route.fulfill(none);
    const answer = await route.fetch();
    const told = await answer.json();
    return route.fulfill({ response: answer, json: { ...told, data: told.data.map((one) => ({ ...one, status: 'resolved' })) } });
  });
  await fresh.view('All');
  await fresh.page.reload();
  await fresh.rows.first().waitFor();
  await fresh.view('Inbox');
  await fresh.list.getByText('Everything is answered').waitFor();
  await accessible(fresh.page);
  await fresh.view('Unassigned');
  await fresh.list.getByText('Nothing is unassigned').waitFor();
  await fresh.page.unrouteAll({ behavior: 'wait' });
  await fresh.page.route(lists, (route) => route.fulfill(none));
  await fresh.view('Inbox');
  await fresh.page.reload();
  await fresh.list.getByRole('link', { name: 'Open the phone' }).waitFor();
  await accessible(fresh.page);
  await fresh.context.close();
});

await attempt('one is given to a colleague by key: it is in their view at once, with its count', async () => {
  await her.view('Inbox');
  await his.view('Mine');
  await her.open(ada.name);
  await key('a');
  const choices = her.page.getByRole('dialog', { name: 'Assign to…' });
  await choices.getByRole('option', { name: marco.name }).waitFor();
  await accessible(her.page);
  await her.page.keyboard.type('marco');
  await key('Enter');
  await her.header.getByRole('button', { name: `Assigned to: ${marco.name}` }).waitFor();
  await his.row(ada.name).waitFor();
  await count(his, 'Mine').first().waitFor();
  insist((await kept(ada)).assignee_id === marcosId, 'It was not kept.');
});

await attempt('it is given to a team by mouse: the other sees it in the team’s view and above the thread', async () => {
  await his.open(ada.name);
  await her.header.getByRole('button', { name: /^Assigned to:/ }).click();
  await accessible(her.page);
  await her.page.getByRole('option', { name: team.name }).click();
  await his.row(ada.name).getByText(team.name).waitFor();
  await his.view(team.name);
  await his.row(ada.name).getByText(team.name).waitFor();
  insist((await his.names()).length === 1, `Others are in the team's view: ${await his.names()}`);
  await count(his, team.name).first().waitFor();
});

await attempt('who else looks and who else writes is said, and no longer once they are gone', async () => {
  await his.open(ada.name);
  await her.open(ada.name);
  const seen = her.header.locator('[role=status]');
  await seen.getByText(`${marco.name} is looking at this, too`).waitFor();
  await his.composer.fill('I am just');
  await his.composer.press('Space');
  await seen.getByText(`${marco.name} is writing an answer`).first().waitFor();
  await accessible(her.page);
  await his.composer.fill('');
  await his.composer.press('Escape');
  await his.view('Inbox');
  await his.open(carla.name);
  await until('the colleague is gone', async () => (await seen.innerText()).trim() === '');
});

await attempt('a colleague named in a note has it among their mentions, unread until they look', async () => {
  await his.view('Mentions');
  await her.open(bea.name);
  await key('n');
  await her.page.keyboard.type('Please look, @mar');
  await her.page.getByRole('option', { name: marco.name }).waitFor();
  await accessible(her.page);
  await key('Enter');
  await her.page.keyboard.type(`about ${mark}`);
  await key('Enter');
  await her.message(`about ${mark}`).and(her.page.locator('.note')).waitFor();
  const row = his.row(bea.name);
  await row.getByLabel('You are mentioned').waitFor();
  await his.nav.getByRole('link', { name: 'Mentions' }).locator('.unread').waitFor();
  await his.open(bea.name);
  await his.message(`about ${mark}`).locator('.mention', { hasText: marco.name }).waitFor();
  await row.getByLabel('You are mentioned').waitFor({ state: 'detached' });
  await his.nav.getByRole('link', { name: 'Mentions' }).locator('.unread').waitFor({ state: 'detached' });
  await row.waitFor();
});

await attempt('what is unread is counted beside its views and in the title, and u puts it back among them', async () => {
  await his.view('Inbox');
  await his.open(carla.name);
  await his.open(bea.name);
  await her.view('Inbox');
  await her.open(bea.name);
  await her.row(carla.name).getByLabel(/unread message/).waitFor({ state: 'detached' });
  await says(call, carla, `Unread ${mark}`);
  await her.row(carla.name).getByLabel('1 unread message').waitFor();
  await her.page.waitForFunction(() => /^\(\d+\)/.test(document.title));
  await her.nav.getByRole('link', { name: 'Inbox' }).locator('.unread').waitFor();
  await her.open(carla.name);
  await her.row(carla.name).getByLabel(/unread message/).waitFor({ state: 'detached' });
  await his.row(carla.name).getByLabel(/unread message/).waitFor({ state: 'detached' });
  await key('u');
  await her.row(carla.name).getByLabel('1 unread message').waitFor();
  await his.row(carla.name).getByLabel('1 unread message').waitFor();
  await key('z');
  await her.row(carla.name).getByLabel(/unread message/).waitFor({ state: 'detached' });
});

await attempt('p makes one urgent: the other sees the mark, and the most urgent comes first where one asks for that', async () => {
  await her.open(carla.name);
  await key('p');
  await her.dialog.getByRole('option', { name: 'Urgent' }).waitFor();
  await accessible(her.page);
  await her.page.keyboard.type('urg');
  await key('Enter');
  await his.row(carla.name).getByLabel('Priority: Urgent').waitFor();
  await says(call, bea, `Later ${mark}`);
  await until('the latest is first', async () => (await her.names())[0] === bea.name);
  await her.page.getByRole('button', { name: 'Order: Latest first' }).click();
  await accessible(her.page);
  await her.page.getByRole('menuitemradio', { name: 'Most urgent first' }).or(her.page.getByRole('menuitemcheckbox', { name: 'Most urgent first' })).click();
  await until('the urgent one is first', async () => (await her.names())[0] === carla.name);
  await her.command('order', 'Waiting longest first');
  await until('who waits longest is first', async () => (await her.names())[0] !== carla.name);
  await her.command('clear the filter');
  await until('the latest is first again', async () => (await her.names())[0] === bea.name);
});

await attempt('a filter is made from the inbox and kept as a view for everybody, which the other has at once', async () => {
  await her.page.getByRole('button', { name: 'Filter', exact: true }).click();
  await her.page.getByRole('option', { name: 'Priority: Urgent' }).waitFor();
  await accessible(her.page);
  await her.page.keyboard.type('urgent');
  await key('Enter');
  await until('only what fits is listed', async () => (await her.names()).join() === carla.name);
  await key('Escape');
  await her.page.getByRole('button', { name: 'Save as view' }).click();
  const form = her.page.getByRole('dialog', { name: 'Save as view' });
  await accessible(her.page);
  await form.getByLabel('Name of the view').fill(`Urgent ${mark}`);
  await form.getByRole('switch', { name: /^For everybody/ }).click();
  await form.getByRole('button', { name: 'Save' }).click();
  await her.page.locator('.list').getByRole('heading', { level: 1, name: `Urgent ${mark}` }).waitFor();
  await his.view(`Urgent ${mark}`);
  await until('the view has what fits', async () => (await his.names()).join() === carla.name);
});

await attempt('a part more is added to the view and taken out again; where nothing fits, it says so; the view is changed for both', async () => {
  await her.unfocused();
  await key('f');
  await her.page.getByRole('option', { name: 'Unread', exact: true }).waitFor();
  await her.page.keyboard.type('unread');
  await key('Enter');
  await her.page.getByText('Nothing fits this filter').waitFor();
  await accessible(her.page);
  await her.page.locator('.list .scroller').getByRole('button', { name: 'Clear' }).click();
  await her.row(carla.name).waitFor();
  await her.command('filter', 'Priority: High');
  await her.row(carla.name).waitFor({ state: 'detached' });
  await her.page.getByRole('button', { name: 'Update the view' }).click();
  await his.row(carla.name).waitFor({ state: 'detached' });
  await call('PATCH', `/conversations/${bea.conversation}`, { priority: 'high' });
  for (const who of [her, his]) await who.row(bea.name).waitFor();
  await call('PATCH', `/conversations/${bea.conversation}`, { priority: 'normal' });
});

await attempt('the views of a channel and of a label hold what is theirs', async () => {
  await call('PATCH', `/conversations/${ada.conversation}`, { labels: [`Repair ${mark}`] });
  await call('POST', '/labels', { name: `Repair ${mark}` }).catch(() => null);
  await her.view('Shop system');
  await until('everybody of the channel', async () => all.every(async (one) => (await her.names()).includes(one.name)));
  insist(!(await her.names()).includes('Sofia Ferri'), 'Somebody of another channel is in it.');
  await her.view(`Repair ${mark}`);
  await until('the one with the label', async () => (await her.names()).join() === ada.name);
});

await attempt('the counts beside the views follow what happens', async () => {
  const shown = async () => Number((await count(her, 'Unassigned').first().innerText()).replace(/\D+.*$/, ''));
  await her.view('Unassigned');
  const before = (await call('GET', '/conversations/counts')).unassigned;
  await until('the count is there', async () => [before.count, before.unread].includes(await shown()));
  await his.view('Inbox');
  await his.open(bea.name);
  await his.page.keyboard.press('m');
  await her.row(bea.name).waitFor({ state: 'detached' });
  await until('one less', async () => (await call('GET', '/conversations/counts')).unassigned.count === before.count - 1);
  await until('the sidebar says so', async () => [before.count - 1, before.unread].includes(await shown()));
});

await attempt('it is snoozed by one of the moments offered, is found under Snoozed, and comes back when its contact writes', async () => {
  await her.view('Inbox');
  await her.open(ada.name);
  await her.header.getByRole('button', { name: 'Snooze until…' }).click();
  await her.page.getByRole('option', { name: 'Tomorrow morning' }).waitFor();
  await accessible(her.page);
  await her.page.getByRole('option', { name: 'Tomorrow morning' }).click();
  await her.row(ada.name).waitFor({ state: 'detached' });
  await her.view('Snoozed');
  await her.row(ada.name).getByText(/09:00/).last().waitFor();
  await his.row(ada.name).waitFor({ state: 'detached' });
  await says(call, ada, `Awake ${mark}`);
  await her.row(ada.name).waitFor({ state: 'detached' });
  await her.view('Inbox');
  await her.row(ada.name).filter({ hasText: `Awake ${mark}` }).waitFor();
  await his.row(ada.name).waitFor();
});

await attempt('s takes a moment in words, says what it does not understand, and z wakes it again', async () => {
  await her.open(ada.name);
  await key('s');
  const dialog = her.page.getByRole('dialog', { name: 'Snooze until…' });
  await dialog.getByRole('combobox').fill('when pigs fly');
  await dialog.getByText('No moment ahead is meant by that.').waitFor();
  await accessible(her.page);
  await dialog.getByRole('combobox').fill('in 2 hours');
  await dialog.getByRole('option').first().waitFor();
  await key('Enter');
  await her.row(ada.name).waitFor({ state: 'detached' });
  const until2 = Date.parse((await kept(ada)).snoozed_until) - Date.now();
  insist(Math.abs(until2 - 7_200_000) < 180_000, `It sleeps for ${until2} ms.`);
  await key('z');
  await her.row(ada.name).waitFor();
  // The list is ahead of the server.
  await until('it is awake there, too', async () => !(await kept(ada)).snoozed_until);
});

await attempt('a snoozed one comes back by itself at its time', async () => {
  const sleep = (ms) => call('PATCH', `/conversations/${ada.conversation}`, { snoozed_until: new Date(Date.now() + ms).toISOString() });
  await sleep(7_200_000);
  await her.row(ada.name).waitFor({ state: 'detached' });
  await sleep(4_000);
  await her.row(ada.name).waitFor({ timeout: 30_000 });
});

const bulk = her.page.getByRole('toolbar', { name: 'Chosen conversations' });
const chosen = (n) => bulk.getByText(`${n} chosen`).waitFor();

await attempt('several are chosen by key, given to somebody, and z takes it back', async () => {
  await her.view('Shop system');
  await her.open(ada.name);
  await key('x');
  await chosen(1);
  await key('Escape');
  await bulk.waitFor({ state: 'detached' });
  await her.rows.first().click();
  await her.composer.waitFor();
  const before = await Promise.all(all.map(kept));
  await key('x', 'Shift+j', 'Shift+j');
  await chosen(3);
  await accessible(her.page);
  await key('a');
  await her.page.keyboard.type('giulia');
  await key('Enter');
  await her.notice('3 conversations: assignment changed').waitFor();
  await bulk.waitFor({ state: 'detached' });
  const top = (await her.names()).slice(0, 3);
  await until('all are hers', async () => (await call('GET', '/conversations?assignee=me&limit=50')).data.length >= 3);
  await key('z');
  await until('all are as they were', async () => {
    const after = await Promise.all(all.map(kept));
    return after.every((one, at) => (one.assignee_id ?? null) === (before[at].assignee_id ?? null));
  });
  insist(top.length === 3, 'They left the list.');
});

async function choose(...wanted) {
  const [first, ...others] = wanted;
  await her.page.getByRole('checkbox', { name: `Choose ${first.name}` }).click();
  for (const one of others) await her.row(one.name).click({ modifiers: ['Control'] });
  await chosen(wanted.length);
}

await attempt('several are chosen by mouse and labelled, with a label that was not there before', async () => {
  await choose(ada, bea);
  await bulk.getByRole('button', { name: 'Labels' }).click();
  await her.page.keyboard.type(`Kiln ${mark}`);
  await her.page.getByRole('option', { name: `New label “Kiln ${mark}”` }).waitFor();
  await accessible(her.page);
  await key('Enter');
  await her.row(bea.name).getByText(`Kiln ${mark}`).waitFor();
  await his.row(ada.name).getByText(`Kiln ${mark}`).waitFor();
  await key('Escape');
  await her.notice('2 conversations: label changed').getByRole('button', { name: 'Undo' }).click();
  await her.row(bea.name).getByText(`Kiln ${mark}`).waitFor({ state: 'detached' });
  await his.row(ada.name).getByText(`Kiln ${mark}`).waitFor({ state: 'detached' });
  insist((await kept(ada)).labels.join() === `Repair ${mark}`, 'The undo took more than was put on.');
  await key('Escape');
});

await attempt('several are snoozed and brought back, resolved and brought back', async () => {
  await her.unfocused();
  await key('Escape');
  await choose(ada, bea, carla);
  await bulk.getByRole('button', { name: 'Snooze until…' }).click();
  await her.page.getByRole('combobox', { name: 'Snooze until…' }).fill('monday 9:00');
  await key('Enter');
  await her.notice('3 conversations snoozed').waitFor();
  for (const one of all) await her.row(one.name).waitFor({ state: 'detached' });
  await her.notice('3 conversations snoozed').getByRole('button', { name: 'Undo' }).click();
  for (const one of all) await her.row(one.name).waitFor();
  await choose(ada, bea);
  await bulk.getByRole('button', { name: 'Resolve' }).click();
  for (const one of [ada, bea]) await his.row(one.name).waitFor({ state: 'detached' });
  await her.view('Resolved');
  for (const one of [ada, bea]) await her.row(one.name).waitFor();
  await her.notice('2 conversations resolved').getByRole('button', { name: 'Undo' }).click();
  for (const one of [ada, bea]) await his.row(one.name).waitFor();
});

await attempt('with Shift everything between is chosen, and the menu makes all of it urgent or read', async () => {
  await her.view('Shop system');
  const shown = await her.names();
  await her.page.getByRole('checkbox', { name: `Choose ${shown[0]}` }).focus();
  await key('Space');
  await her.row(shown[2]).click({ modifiers: ['Shift'] });
  await chosen(3);
  await bulk.getByRole('button', { name: 'More' }).click();
  await accessible(her.page);
  await her.page.getByRole('menuitem', { name: 'Low' }).or(her.page.getByRole('menuitemradio', { name: 'Low' })).click();
  await her.notice('3 conversations: priority changed').waitFor();
  for (const name of shown.slice(0, 3)) await his.row(name).getByLabel('Priority: Low').waitFor();
  await key('z');
  await his.row(carla.name).getByLabel('Priority: Urgent').waitFor();
});

await attempt('j and k go through the list, Enter writes, and e goes on to the next', async () => {
  await her.view('Inbox');
  await her.unfocused();
  const order = await her.names();
  const opened = () => her.header.getByRole('heading', { level: 1 }).innerText();
  await key('j');
  await until('the first is open', async () => (await opened()) === order[0]);
  await key('j');
  await until('the second is open', async () => (await opened()) === order[1]);
  await key('k');
  await until('the first is open again', async () => (await opened()) === order[0]);
  await key('Enter');
  await her.composer.and(her.page.locator(':focus')).waitFor();
  await key('Escape');
  await key('e');
  await until('the next is open', async () => (await opened()) === order[1]);
  // At once, whether the server has answered or not.
  await key('z');
  await her.notice('Resolved').waitFor({ state: 'detached' });
  await her.row(order[0]).waitFor();
});

if (phoneUrl) {
  await attempt('what a contact writes on the phone wakes what was put away, and is said to both', async () => {
    const phone = await (await browser.newContext()).newPage();
    await phone.goto(phoneUrl);
    await phone.locator('#log .bubble').first().waitFor();
    await her.open('Sofia Ferri');
      await key('s');
    await her.page.getByRole('dialog').getByRole('combobox').fill('tomorrow');
    await key('Enter');
    await her.row('Sofia Ferri').waitFor({ state: 'detached' });
    await phone.getByRole('textbox', { name: 'Message' }).fill(`Wake ${mark}`);
    await phone.keyboard.press('Enter');
    for (const who of [her, his]) await who.row('Sofia Ferri').filter({ hasText: `Wake ${mark}` }).waitFor();
    await phone.context().close();
  });
}

/** What stands above the inbox while a channel does not work. */
const banner = (who) => who.page.getByRole('region', { name: 'Channels that need attention' });
const broken = (name) => call('POST', '/channels', { kind: 'telegram', name, settings: { bot_token: `${Math.ceil(Math.random() * 1e9)}:nobodys` } });
const kiosk = { name: `Kiosk ${mark}`, id: '' };

await attempt('a channel that stops is told to both at once: why, and to whom it is for what to do', async () => {
  await Promise.all([her.view('Inbox'), his.view('Inbox')]);
  const made = await broken(kiosk.name);
  insist(made.state_reason === 'reauthorise', `It is ${made.state}, ${made.state_reason}.`);
  kiosk.id = made.id;
  for (const who of [her, his]) await banner(who).getByText(`${kiosk.name} needs attention. The provider takes its credentials no longer.`).waitFor();
  await banner(his).getByText('Owners and administrators were told.').waitFor();
  insist((await banner(his).getByRole('link').count()) === 0, 'Who may not mend it is sent there.');
  await her.nav.getByRole('img', { name: 'Needs attention' }).waitFor();
  await accessible(her.page);
  await reflows(her.page);
  await banner(her).getByRole('link', { name: 'Connect again' }).click();
  await her.page.getByRole('heading', { level: 1, name: kiosk.name }).waitFor();
  await her.rest();
});

await attempt('on a phone it stands above the list, and the settings below are marked', async () => {
  const phone = await atDesk(browser, giulia, { viewport: { width: 320, height: 640 }, hasTouch: true });
  await banner(phone).getByRole('link', { name: 'Connect again' }).waitFor();
  await phone.page.getByRole('link', { name: 'Settings Needs attention' }).waitFor();
  await accessible(phone.page);
  await reflows(phone.page);
  if (process.env.OUT) await phone.page.screenshot({ path: join(process.env.OUT, 'stopped-phone.png') });
  await phone.rows.first().click();
  await phone.composer.waitFor();
  insist(!(await banner(phone).isVisible()), 'It stays above what is being read.');
  await phone.context.close();
});

await attempt('put aside it stays so after a reload, comes back when another stops, and goes when all work', async () => {
  await banner(his).getByRole('button', { name: 'Dismiss' }).click();
  await banner(his).waitFor({ state: 'detached' });
  await his.page.reload();
  await his.rows.first().waitFor();
  await his.nav.getByRole('img', { name: 'Needs attention' }).waitFor();
  await his.page.waitForTimeout(500);
  insist((await banner(his).count()) === 0, 'What was put aside came back by itself.');
  const other = await broken(`Stand ${mark}`);
  await banner(his).getByText(`Stand ${mark} needs attention.`).waitFor();
  await banner(her).getByText(`2 channels need attention. ${kiosk.name} and Stand ${mark}.`).waitFor();
  if (process.env.OUT) await her.page.screenshot({ path: join(process.env.OUT, 'stopped-two.png') });
  for (const id of [kiosk.id, other.id]) await call('DELETE', `/channels/${id}`);
  for (const who of [her, his]) await banner(who).waitFor({ state: 'detached' });
  await her.nav.getByRole('img', { name: 'Needs attention' }).waitFor({ state: 'detached' });
});

await step('nothing was thrown and no policy was broken on the way', async () => insist(complaints.length === 0, complaints.join('\n')));

await browser.close();
ended();
