import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Conversation, ConversationChange, Page } from '../api/model';
import type { Query } from '../api/parloir';
import { Problem } from '../api/problem';
import { message } from '../thread/message.fixture';
import { Inbox } from './inbox.svelte';

const moment = (n: number) => `2026-03-01T10:00:00.${String(n).padStart(3, '0')}Z`;

function conversation(id: string, at: number, change: Partial<Conversation> = {}): Conversation {
  return {
    id, channel_id: 'chn_1', contact: { id: `con_${id}`, name: id }, status: 'open', assignee_id: null, labels: [], unread_count: 0, priority: 'normal', window: {}, created_at: moment(0), active_at: moment(at),
    last_message: message({ id: `msg_${id}_${at}`, seq: at, conversation_id: id, direction: 'incoming', state: 'received', created_at: moment(at) }), ...change,
  };
}

class Desk {
  seq = 0;
  all: Conversation[] = [];
  size = 50;
  refuse: Problem | null = null;
  readonly inbox = new Inbox(this, () => this.seq, () => 'mbr_1');

  async conversations(query: Query): Promise<Page<Conversation>> {
    const fitting = this.all.filter((one) => !query.status || one.status === query.status);
    const start = Number(query.cursor ?? 0);
    return { data: fitting.slice(start, start + this.size), next: start + this.size < fitting.length ? String(start + this.size) : null };
  }

  async conversation(id: string): Promise<Conversation> {
    const found = this.all.find((one) => one.id === id);
    if (!found) throw new Problem(404, 'not_found', 'Gone.');
    return found;
  }

  async changeConversation(id: string, { read, ...change }: ConversationChange): Promise<Conversation> {
    if (this.refuse) throw this.refuse;
    const changed = { ...(await this.conversation(id)), ...change, ...(read ? { unread_count: 0 } : {}) };
    this.all = this.all.map((one) => (one.id === id ? changed : one));
    return changed;
  }
}

const shown = (desk: Desk) => desk.inbox.list('open').map((one) => one.id);

test('versions in any order, with repetitions, end at the newest', () => {
  const versions = Array.from({ length: 6 }, (_, seq) => conversation('a', seq, { unread_count: seq }));
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), fc.array(fc.nat(5)), (order, again) => {
      const desk = new Desk();
      for (const seq of [...order, ...again]) desk.inbox.told(versions[seq] as Conversation, seq);
      expect(desk.inbox.get('a')?.unread_count).toBe(5);
    }),
  );
});

test('a page asked for before an event does not undo it', async () => {
  const desk = new Desk();
  desk.all = [conversation('a', 1)];
  const loading = desk.inbox.load('open');
  desk.inbox.told(conversation('a', 2, { unread_count: 7 }), 3);
  await loading;
  expect(desk.inbox.get('a')?.unread_count).toBe(7);
});

test('a new message moves its conversation up and counts once', async () => {
  const desk = new Desk();
  desk.all = [conversation('b', 5), conversation('a', 1)];
  await desk.inbox.load('open');
  expect(shown(desk)).toEqual(['b', 'a']);
  const news = message({ id: 'msg_new', seq: 9, conversation_id: 'a', direction: 'incoming', created_at: moment(9) });
  desk.inbox.heard(news, 1, true);
  desk.inbox.told(conversation('a', 9, { unread_count: 1, last_message: news }), 2);
  desk.inbox.heard(news, 1, true);
  expect(shown(desk)).toEqual(['a', 'b']);
  expect(desk.inbox.get('a')?.unread_count).toBe(1);
});

test('what is older than the last page loaded waits for its page, so that the list has no hole', async () => {
  const desk = new Desk();
  desk.size = 2;
  desk.all = [9, 8, 7, 6].map((at) => conversation(`c${at}`, at));
  await desk.inbox.load('open');
  desk.inbox.told(conversation('c6', 6), 0);
  expect(shown(desk)).toEqual(['c9', 'c8']);
  await desk.inbox.load('open', true);
  expect(shown(desk)).toEqual(['c9', 'c8', 'c7', 'c6']);
});

test('a refused change is taken back', async () => {
  const desk = new Desk();
  desk.all = [conversation('a', 1)];
  await desk.inbox.load('open');
  desk.refuse = new Problem(403, 'forbidden', 'No.');
  const change = desk.inbox.change('a', { status: 'resolved' });
  expect(shown(desk)).toEqual([]);
  await expect(change).rejects.toThrow('No.');
  expect(shown(desk)).toEqual(['a']);
});

test('loading everything again forgets what is gone and keeps what came meanwhile', async () => {
  const desk = new Desk();
  desk.all = [conversation('a', 1), conversation('b', 2)];
  await desk.inbox.load('open');
  desk.all = [conversation('b', 2)];
  const reloading = desk.inbox.reload('open', null);
  desk.inbox.told(conversation('c', 3), 5);
  await reloading;
  expect(shown(desk)).toEqual(['c', 'b']);
});
