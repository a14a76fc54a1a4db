/** What can be done in the list and with the open conversation, by key and from the palette. */
import AlarmClock from '@lucide/svelte/icons/alarm-clock';
import AlarmClockOff from '@lucide/svelte/icons/alarm-clock-off';
import Check from '@lucide/svelte/icons/check';
import Hourglass from '@lucide/svelte/icons/hourglass';
import Mail from '@lucide/svelte/icons/mail';
import MailOpen from '@lucide/svelte/icons/mail-open';
import NotebookPen from '@lucide/svelte/icons/notebook-pen';
import PanelRight from '@lucide/svelte/icons/panel-right';
import Reply from '@lucide/svelte/icons/reply';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import Signal from '@lucide/svelte/icons/signal';
import SquareCheck from '@lucide/svelte/icons/square-check';
import Tag from '@lucide/svelte/icons/tag';
import UserRound from '@lucide/svelte/icons/user-round';
import type { App } from '../app.svelte';
import type { Conversation, ConversationChange } from '../api/model';
import type { Choice, Command } from '../palette/commands.svelte';
import { t } from '../text/text';
import { assigneeOptions, changeOf } from './assign';
import { labelNames } from './facet-names';
import { PRIORITIES } from './filter';
import { labelAll, labelled } from './labelling';

export function focusComposer(): boolean {
  const field = document.querySelector<HTMLElement>('[data-composer]');
  field?.focus();
  return Boolean(field);
}

/** `snooze` asks until when. */
export function inboxCommands(app: App, snooze: (ids: readonly string[]) => void): Command[] {
  const chosen = chosenOf(app);
  return [...moving(app), ...picking(app), ...(app.route.conversation ? writing(app, app.route.conversation) : []), ...(chosen.length > 0 ? filing(app, chosen, snooze) : [])];
}

/** What a command is about: those chosen in the list, or else the open one. */
function chosenOf(app: App): Conversation[] {
  const picked = app.selection.size > 0 ? app.selection.among(app.inbox.list(app.route.view).map((one) => one.id)) : [];
  const ids = picked.length > 0 ? picked : app.route.conversation ? [app.route.conversation] : [];
  return ids.map((id) => app.inbox.get(id)).filter((one) => one !== undefined);
}

function moving(app: App): Command[] {
  const step = (by: 1 | -1, extend = false) => {
    const list = app.inbox.list(app.route.view).map((one) => one.id);
    const open = app.route.conversation;
    const at = open ? list.indexOf(open) : -1;
    const to = list[at < 0 ? 0 : at + by];
    if (!to) return false;
    if (extend && open) app.selection.extend(open, list);
    if (extend) app.selection.extend(to, list);
    app.route.open(to, null, open ? 'replace' : 'push');
    return true;
  };
  return [
    { id: 'next', group: 'list', label: t.keys.next, keys: ['j', 'ArrowDown'], silent: true, run: () => step(1) },
    { id: 'previous', group: 'list', label: t.keys.previous, keys: ['k', 'ArrowUp'], silent: true, run: () => step(-1) },
    { id: 'extend-down', group: 'list', label: t.keys.extendDown, keys: ['Shift+j', 'Shift+ArrowDown'], silent: true, run: () => step(1, true) },
    { id: 'extend-up', group: 'list', label: t.keys.extendUp, keys: ['Shift+k', 'Shift+ArrowUp'], silent: true, run: () => step(-1, true) },
    { id: 'write', group: 'conversation', label: t.keys.open, keys: ['Enter'], silent: true, run: focusComposer },
    { id: 'leave', group: 'list', label: t.keys.escape, keys: ['Escape'], silent: true, run: () => leave(app) },
  ];
}

function leave(app: App): boolean {
  if (app.frame.drawer) app.frame.drawer = false;
  else if (app.selection.size > 0) app.selection.clear();
  else if (app.frame.details && matchMedia('(max-width: 1279px)').matches) app.frame.details = false;
  else return false;
  return true;
}

function picking(app: App): Command[] {
  const open = app.route.conversation;
  return [
    ...(open ? [{ id: 'pick', group: 'list' as const, label: t.keys.pick, icon: SquareCheck, keys: ['x'], run: () => app.selection.turn(open) }] : []),
    { id: 'pick-all', group: 'list', label: t.bulk.all, icon: SquareCheck, run: () => app.selection.all(app.inbox.list(app.route.view).map((one) => one.id)) },
  ];
}

function writing(app: App, id: string): Command[] {
  const write = (note: boolean) => {
    app.drafts.of(id).note = note;
    return focusComposer();
  };
  return [
    { id: 'reply', group: 'conversation', label: t.keys.reply, icon: Reply, keys: ['r'], run: () => write(false) },
    { id: 'note', group: 'conversation', label: t.keys.note, icon: NotebookPen, keys: ['n'], run: () => write(true) },
    { id: 'details', group: 'conversation', label: t.keys.details, icon: PanelRight, keys: ['i'], run: () => void (app.frame.details = !app.frame.details) },
  ];
}

function filing(app: App, chosen: readonly Conversation[], snooze: (ids: readonly string[]) => void): Command[] {
  const ids = chosen.map((one) => one.id);
  const count = ids.length;
  const open = chosen.some((one) => one.status !== 'resolved');
  const unread = chosen.some((one) => one.unread_count > 0);
  const snoozed = chosen.every((one) => one.status === 'snoozed');
  const change = (what: ConversationChange, said: string) => {
    app.selection.clear();
    void app.changeAll(ids, what, said);
  };
  const resolve = () => change({ status: open ? 'resolved' : 'open' }, open ? t.bulk.resolved(count) : t.bulk.reopened(count));
  return [
    { id: 'resolve', group: 'conversation', label: open ? t.thread.resolve : t.thread.reopen, icon: open ? Check : RotateCcw, keys: ['e'], run: resolve },
    { id: 'snooze', group: 'conversation', label: t.bulk.snooze, icon: AlarmClock, keys: ['s'], run: () => snooze(ids) },
    ...(snoozed ? [{ id: 'wake', group: 'conversation' as const, label: t.bulk.wake, icon: AlarmClockOff, run: () => change({ status: 'open' }, t.bulk.woken(count)) }] : []),
    ...(chosen.every((one) => one.status === 'open') ? [{ id: 'pending', group: 'conversation' as const, label: t.bulk.markPending, icon: Hourglass, run: () => change({ status: 'pending' }, t.bulk.pending(count)) }] : []),
    { id: 'assign', group: 'conversation', label: t.bulk.assign, icon: UserRound, keys: ['a'], choices: () => assignees(app, chosen, (key) => change(changeOf(key), t.bulk.assigned(count))) },
    { id: 'assign-me', group: 'conversation', label: t.bulk.assignMe, icon: UserRound, keys: ['m'], run: () => change({ assignee_id: app.session.memberId }, t.bulk.assigned(count)) },
    { id: 'label', group: 'conversation', label: t.bulk.label, icon: Tag, keys: ['l'], choices: () => labels(app, chosen) },
    { id: 'priority', group: 'conversation', label: t.bulk.priority, icon: Signal, keys: ['p'], choices: () => priorities(chosen, (priority) => change({ priority }, t.bulk.prioritised(count))) },
    {
      id: 'unread', group: 'conversation', label: unread ? t.bulk.markRead : t.bulk.markUnread, icon: unread ? MailOpen : Mail, keys: ['u'],
      run: () => change(unread ? { read: true } : { unread: true }, unread ? t.bulk.read(count) : t.bulk.unread(count)),
    },
  ];
}

function assignees(app: App, chosen: readonly Conversation[], choose: (key: string) => void): Choice[] {
  const [one] = chosen;
  const is = (key: string) => chosen.length === 1 && (key === (one?.assignee_id ?? 'nobody') || key === `team:${one?.team_id ?? ''}`);
  return assigneeOptions(app).map((option) => ({ id: option.key, label: option.label, hint: option.hint, icon: option.icon, avatar: option.avatar, chosen: is(option.key), run: () => choose(option.key) }));
}

function labels(app: App, chosen: readonly Conversation[]): Choice[] {
  const on = labelled(chosen);
  return labelNames(app).map((name) => ({ id: name, label: name, icon: Tag, chosen: on.includes(name), run: () => void labelAll(app, chosen, name) }));
}

function priorities(chosen: readonly Conversation[], choose: (priority: Conversation['priority']) => void): Choice[] {
  return PRIORITIES.map((one) => ({ id: one, label: t.contact.priorities[one], icon: Signal, chosen: chosen.every((conversation) => conversation.priority === one), run: () => choose(one) }));
}
