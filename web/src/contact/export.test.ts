import { expect, test } from 'vitest';
import type { Contact, Conversation } from '../api/model';
import { message } from '../thread/message.fixture';
import { gather } from './export';

test('every page of every conversation is in it, in order and without notes', async () => {
  const all = Array.from({ length: 7 }, (_, seq) => message({ id: `msg_${seq}`, seq, text: String(seq), direction: seq === 3 ? 'note' : 'incoming' }));
  const counts: number[] = [];
  const copy = await gather('con_1', {
    contact: async (id) => ({ id }) as Contact,
    consents: async () => [],
    conversations: async () => [{ id: 'cnv_1' }, { id: 'cnv_2' }] as Conversation[],
    messages: async (_, { cursor }) => {
      const end = cursor ? Number(cursor) : all.length;
      return { data: all.slice(Math.max(0, end - 3), end), next: end > 3 ? String(end - 3) : null };
    },
  }, (count) => counts.push(count));
  expect(copy.conversations.map((one) => one.messages.map((each) => each.text).join(''))).toEqual(['012456', '012456']);
  expect(counts.at(-1)).toBe(14);
});
