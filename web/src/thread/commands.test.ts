import { expect, test, vi } from 'vitest';
import type { App } from '../app.svelte';
import type { Message } from '../api/model';
import { messageCommands, type Where } from './commands';
import { message } from './message.fixture';
import type { Thread } from './thread.svelte';

const app = { session: { memberId: 'mbr_1' } } as App;
const contact = { kind: 'contact', id: 'con_1', name: 'Anna' } as const;
const incoming = (id: string, change: Partial<Message> = {}) => message({ id, direction: 'incoming', state: 'received', author: contact, text: id, ...change });
const own = (id: string, change: Partial<Message> = {}) => message({ id, state: 'sent', text: id, ...change });

/** What each command is about, by what it shows beside itself. */
function about(messages: Message[], where: Partial<Where> = {}) {
  const thread = { messages, get: (id: string) => messages.find((one) => one.id === id) } as unknown as Thread;
  const all = messageCommands(app, thread, { at: null, can: ['reaction', 'edit', 'remove'], reply: vi.fn(), edit: vi.fn(), takeBack: vi.fn(), ...where });
  return Object.fromEntries(all.map((command) => [command.id, command.hint]));
}

test('without a message that one is at, the last that it fits is meant', () => {
  const said = [incoming('first'), own('mine'), own('later', { state: 'queued' }), message({ id: 'note', direction: 'note', text: 'note' })];
  expect(about(said)).toEqual({ 'reply-to': 'first', react: 'first', copy: 'note', edit: 'mine', 'take-back': 'mine' });
});

test('the one that the arrow keys are at is meant, where it can be', () => {
  const said = [incoming('first'), own('mine'), incoming('second')];
  expect(about(said, { at: 'mine' })).toEqual({ 'reply-to': 'mine', react: 'mine', copy: 'mine', edit: 'mine', 'take-back': 'mine' });
  expect(about(said, { at: 'first' })).toMatchObject({ react: 'first', edit: 'mine' });
});

test('what the channel cannot, what is gone and what others wrote is left alone', () => {
  expect(about([incoming('first'), own('mine')], { can: [] })).toEqual({ 'reply-to': 'first', copy: 'mine' });
  expect(about([own('gone', { removed_at: '2026-03-01T10:00:00Z' }), own('theirs', { author: { kind: 'member', id: 'mbr_2', name: 'Bo' } })])).toEqual({ copy: 'theirs' });
});
