import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChangeOutcome, Conversation, ConversationChange, Page } from '../api/model';
import type { Query } from '../api/parloir';
import { Problem } from '../api/problem';
import { changed } from './change';
import { filterOf, queryOf, sameFilter, shows, type Filter } from './filter';
import { compare, placeOf } from './order';
import { facetsOf, turned } from './facets';
import { Selection } from './selection.svelte';
import { message } from '../thread/message.fixture';
import { Inbox } from './inbox.svelte';

const moment = (n: number) => `2026-03-01T10:00:00.${String(n).padStart(3, '0')}Z`;

function conversation(id: string, at: number, change: Partial<Conversation> = {}): Conversation {
  return {
    id, channel_id: 'chn_1', contact: { id: `con_${id}`, name: id }, status: 'open', assignee_id: null, labels: [], unread_count: 0, priority: 'normal', window: {}, created_at: moment(0), active_at: moment(at), waiting_since: null, snoozed_until: null, mentioned: false, mention_unseen: false, attributes: {},
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
    const filter = filterOf(query);
    const place = (one: Conversation) => placeOf(filter.sort ?? 'active', one);
    const fitting = this.all.filter((one) => shows(filter, one, 'mbr_1')).sort((one, other) => compare(place(one), place(other)));
    const start = Number(query.cursor ?? 0);
    return { data: fitting.slice(start, start + this.size), next: start + this.size < fitting.length ? String(start + this.size) : null };
  }

  async conversation(id: string): Promise<Conversation> {
    const found = this.all.find((one) => one.id === id);
    if (!found) throw new Problem(404, 'not_found', 'Gone.');
    return found;
  }

  async changeConversations(ids: readonly string[], change: ConversationChange): Promise<ChangeOutcome[]> {
    if (this.refuse) throw this.refuse;
    return ids.map((id) => {
      const before = this.all.find((one) => one.id === id);
      if (!before || before.labels.includes('locked')) return { id, changed: false, problem: { code: 'not_found', detail: 'Gone.' } };
      this.all = this.all.map((one) => (one.id === id ? changed(one, change) : one));
      return { id, changed: true, before: { ...before, unread: before.unread_count > 0 } };
    });
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

test('a note that names the member puts its conversation among their mentions at once, and reading takes the mark off', async () => {
  const desk = new Desk();
  desk.all = [conversation('a', 1), conversation('b', 2)];
  await desk.inbox.load('open');
  const note = (id: string, seq: number, mention_ids: string[]) => message({ id, seq, conversation_id: 'a', direction: 'note', created_at: moment(seq), mention_ids });
  desk.inbox.heard(note('msg_1', 8, ['mbr_2']), 1, true);
  expect(desk.inbox.list('mentions')).toEqual([]);
  desk.inbox.heard(note('msg_2', 9, ['mbr_2', 'mbr_1']), 2, true);
  expect(desk.inbox.list('mentions').map((one) => [one.id, one.mention_unseen])).toEqual([['a', true]]);
  desk.inbox.sawMentions('a');
  expect(desk.inbox.list('mentions').map((one) => one.mention_unseen)).toEqual([false]);
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

test('many are changed alike, what is refused stays as it was, and all of it can be undone', async () => {
  const desk = new Desk();
  desk.all = [conversation('a', 1, { assignee_id: 'mbr_2' }), conversation('b', 2), conversation('c', 3, { labels: ['locked'] })];
  await desk.inbox.load('open');
  const before = desk.all;
  const { undo, refused } = await desk.inbox.changeMany(['a', 'b', 'c'], { status: 'resolved', assignee_id: 'mbr_1' });
  expect(refused.map((one) => one.id)).toEqual(['c']);
  expect(shown(desk)).toEqual(['c']);
  await desk.inbox.undo(undo);
  expect(shown(desk)).toEqual(['c', 'b', 'a']);
  expect(desk.all).toEqual(before);
});

test('when nobody answers, everything that was foreseen is taken back', async () => {
  const desk = new Desk();
  desk.all = [conversation('a', 1), conversation('b', 2)];
  await desk.inbox.load('open');
  desk.refuse = Problem.offline();
  const change = desk.inbox.changeMany(['a', 'b'], { snoozed_until: '2030-01-01T09:00:00Z' });
  expect(shown(desk)).toEqual([]);
  await expect(change).rejects.toThrow();
  expect(shown(desk)).toEqual(['b', 'a']);
});

const some = fc.record({
  status: fc.constantFrom<Conversation['status']>('open', 'pending', 'snoozed', 'resolved'), assignee_id: fc.constantFrom(null, 'mbr_1', 'mbr_2'), labels: fc.subarray(['VIP', 'bill']),
  priority: fc.constantFrom<Conversation['priority']>('low', 'normal', 'high', 'urgent'), unread_count: fc.nat(2), waiting_since: fc.constantFrom(null, moment(1), moment(2)), active_at: fc.nat(20).map(moment),
});
const filters: fc.Arbitrary<Filter> = fc.record(
  {
    status: fc.subarray<Conversation['status']>(['open', 'pending', 'snoozed', 'resolved'], { minLength: 1 }), assignee: fc.constantFrom('me', 'none', 'mbr_2'), label: fc.constantFrom('vip', 'bill'),
    priority: fc.constantFrom<Conversation['priority']>('low', 'urgent'), unread: fc.constant(true as const), sort: fc.constantFrom<'active' | 'waiting' | 'priority'>('active', 'waiting', 'priority'),
  },
  { requiredKeys: [] },
);

test('whatever the filter, the order and the size of a page: what is shown has no hole, and in the end it is what the server has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(some, { maxLength: 12 }), filters, fc.integer({ min: 1, max: 4 }), async (all, filter, size) => {
      const desk = new Desk();
      desk.size = size;
      desk.all = all.map((one, at) => conversation(`c${at}`, 0, one));
      desk.inbox.refine('all', filter);
      await desk.inbox.load('all');
      // Something further down is known by chance.
      for (const one of desk.all.slice(-1)) desk.inbox.told(one, 0);
      desk.size = 99;
      const whole = (await desk.conversations(queryOf(filter))).data.map((one) => one.id);
      desk.size = size;
      for (let round = 0; round < 14; round += 1) {
        const here = desk.inbox.list('all').map((one) => one.id);
        expect(here).toEqual(whole.slice(0, here.length));
        await desk.inbox.load('all', true);
      }
      expect(desk.inbox.list('all').map((one) => one.id)).toEqual(whole);
    }),
  );
});

test('a filter is the same after it has been kept, and each of its parts can be taken out and put in again', () => {
  fc.assert(
    fc.property(filters, (filter) => {
      expect(sameFilter(filterOf(queryOf(filter)), filter)).toBe(true);
      expect(sameFilter(filterOf(JSON.parse(JSON.stringify(filter))), filter)).toBe(true);
      for (const facet of facetsOf(filter)) {
        expect(facetsOf(turned(filter, facet))).not.toContain(facet);
        expect(facetsOf(turned(turned(filter, facet), facet)).sort()).toEqual(facetsOf(filter).sort());
      }
    }),
  );
  expect(filterOf({ status: 'odd', label: 7, sort: 'x', priority: null })).toEqual({});
});

test('with Shift everything between is chosen, and what the list does not show is not', () => {
  const selection = new Selection();
  const list = ['a', 'b', 'c', 'd', 'e'];
  selection.turn('d');
  selection.extend('b', list);
  expect(selection.among(list)).toEqual(['b', 'c', 'd']);
  selection.turn('c');
  expect(selection.among(['c', 'd', 'e'])).toEqual(['d']);
  selection.clear();
  selection.extend('c', list);
  expect([selection.size, selection.has('c')]).toEqual([1, true]);
});
