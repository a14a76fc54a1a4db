/** What can be done with one message, by key and from the palette: the one that has the focus, or else the last that it fits. */
import Copy from '@lucide/svelte/icons/copy';
import Pencil from '@lucide/svelte/icons/pencil';
import Reply from '@lucide/svelte/icons/reply';
import SmilePlus from '@lucide/svelte/icons/smile-plus';
import Undo from '@lucide/svelte/icons/undo-2';
import type { App } from '../app.svelte';
import type { Message } from '../api/model';
import { preview } from '../inbox/preview';
import type { Choice, Command } from '../palette/commands.svelte';
import { t } from '../text/text';
import { CHOICES, marks } from './reactions';
import type { Thread } from './thread.svelte';

export interface Where {
  /** The message that the arrow keys are at. */
  at: string | null;
  /** What the channel can do. */
  can: readonly string[];
  reply: (message: Message) => void;
  edit: (message: Message) => void;
  takeBack: (message: Message) => void;
}

export function messageCommands(app: App, thread: Thread, { at, can, reply, edit, takeBack }: Where): Command[] {
  const me = app.session.memberId;
  const find = (fits: (message: Message) => boolean) => {
    const pointed = at ? thread.get(at) : undefined;
    return pointed && fits(pointed) ? pointed : thread.messages.findLast(fits);
  };
  const there = (message: Message) => !message.removed_at && message.author.kind !== 'system';
  const spoken = (message: Message) => there(message) && message.direction !== 'note';
  const own = (message: Message) => spoken(message) && message.author.id === me && ['sent', 'delivered', 'read'].includes(message.state);
  const heard = find((message) => spoken(message) && (message.id === at || message.direction === 'incoming'));
  const words = find((message) => there(message) && Boolean(message.text));
  const editable = can.includes('edit') ? find((message) => own(message) && Boolean(message.text)) : undefined;
  const removable = can.includes('remove') ? find(own) : undefined;
  const about = (message: Message | undefined, command: (message: Message) => Omit<Command, 'group' | 'hint'>): Command[] =>
    message ? [{ ...command(message), group: 'message', hint: preview(message) }] : [];
  return [
    ...about(heard, (message) => ({ id: 'reply-to', label: t.thread.reply, icon: Reply, keys: ['q'], run: () => reply(message) })),
    ...about(can.includes('reaction') ? heard : undefined, (message) => ({ id: 'react', label: t.thread.react, icon: SmilePlus, keys: ['Shift+r'], choices: () => reactions(app, thread, message) })),
    ...about(words, (message) => ({ id: 'copy', label: t.thread.copyText, icon: Copy, run: () => copy(app, message) })),
    ...about(editable, (message) => ({ id: 'edit', label: t.thread.edit, icon: Pencil, keys: ['Shift+e'], run: () => edit(message) })),
    ...about(removable, (message) => ({ id: 'take-back', label: t.thread.takeBack, icon: Undo, run: () => takeBack(message) })),
  ];
}

function reactions(app: App, thread: Thread, message: Message): Choice[] {
  const mine = marks(message.reactions, app.session.memberId).find((mark) => mark.mine)?.emoji;
  return CHOICES.map((emoji) => ({
    id: emoji, label: `${emoji} ${t.thread.emoji[emoji]}`, chosen: emoji === mine, run: () => void app.attempt(thread.react(message, emoji === mine ? null : emoji)),
  }));
}

function copy(app: App, message: Message): void {
  navigator.clipboard?.writeText(message.text ?? '').then(() => app.notices.done(t.app.copied), () => undefined);
}
