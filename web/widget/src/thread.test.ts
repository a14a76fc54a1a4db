import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Message } from './message';
import { Thread } from './thread';

const message = (id: string, minute: number, more: Partial<Message> = {}): Message => ({
  id, client_id: null, direction: 'outgoing', author: { kind: 'member', name: 'Marco' }, text: id, attachments: [], place: null, buttons: [],
  reply_to: null, reactions: [], edited_at: null, removed_at: null, created_at: `2026-01-01T10:${String(minute).padStart(2, '0')}:00Z`, ...more,
});
const keys = (thread: Thread) => thread.lines().map((line) => line.key);

it('comes to the same whatever the order, and however often anything is told', () => {
  const told = [
    message('a', 1), message('b', 2), message('b', 2, { text: 'better', edited_at: '2026-01-01T11:00:00Z' }),
    message('c', 3, { direction: 'incoming', client_id: 'mine' }), message('c', 3, { direction: 'incoming', client_id: 'mine', text: null, removed_at: '2026-01-01T11:00:00Z' }),
  ];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: told.length - 1 }), { maxLength: 20 }), (more) => {
      const thread = new Thread(() => {});
      for (const at of [...more, ...told.keys()]) thread.put(told[at]!);
      expect(keys(thread)).toEqual(['a', 'b', 'mine']);
      expect(thread.get('b')?.text).toBe('better');
      expect(thread.get('c')?.removed_at).not.toBeNull();
    }),
  );
});

it('what was on its way is shown once, in whichever order its answer and its event come', () => {
  const pending = { id: 'mine', at: '2026-01-01T10:05:00Z', text: 'hello', uploads: [], state: 'waiting' as const };
  const said = message('c', 3, { direction: 'incoming', client_id: 'mine' });
  const before = new Thread(() => {});
  before.await(pending);
  expect(before.lines().map((line) => line.kind)).toEqual(['pending']);
  before.put(said);
  expect(before.lines().map((line) => [line.kind, line.key])).toEqual([['message', 'mine']]);
  before.await({ ...pending, state: 'accepted' });
  expect(before.lines()).toHaveLength(1);
});

it('counts what was not seen, and shows what members read', () => {
  const thread = new Thread(() => {});
  thread.page([message('a', 1), message('x', 2, { direction: 'incoming' }), message('b', 3)], 'x');
  expect(thread.unread()).toBe(2);
  thread.seen('a');
  expect([thread.unread(), thread.firstUnread()]).toEqual([1, 'b']);
  thread.put(message('y', 4, { direction: 'incoming' }));
  const read = thread.lines().map((line) => line.kind === 'message' && line.read);
  expect(read).toEqual([false, true, false, false]);
  thread.read('y');
  expect(thread.lines().at(-1)).toMatchObject({ read: true });
  thread.seen(thread.lastHeard());
  expect([thread.unread(), thread.firstUnread()]).toEqual([0, null]);
});
