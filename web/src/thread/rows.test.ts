import { expect, test } from 'vitest';
import { message } from './message.fixture';
import { firstUnread, Rows, rows } from './rows';

const at = (created_at: string, change = {}) => message({ created_at, state: 'sent', ...change });

test('messages of one author close together are one run; a day, an author or a pause begins another', () => {
  const marks = rows([
    at('2026-03-01T10:00:00'), at('2026-03-01T10:02:00'), at('2026-03-01T10:20:00'),
    at('2026-03-01T10:21:00', { direction: 'incoming', author: { kind: 'contact', id: 'con_1' } }), at('2026-03-02T10:22:00'),
  ]).map((row) => [row.startsDay, row.starts, row.ends].map(Number).join(''));
  expect(marks).toEqual(['110', '001', '011', '011', '111']);
});

test('a failure and a change of state are always shown', () => {
  const marks = rows([at('2026-03-01T10:00:00', { state: 'failed' }), at('2026-03-01T10:00:10', { state: 'failed' }), at('2026-03-01T10:00:20')]);
  expect(marks.map((row) => row.ends)).toEqual([true, true, true]);
});

test('what is known to have something before it is no beginning, and becomes no other when that is there', () => {
  const made = new Rows();
  const all = ['10:00', '10:01', '10:02'].map((time, at) => one(at, `2026-03-01T${time}:00`));
  const [first] = made.of(all.slice(1), null, false);
  expect([first?.startsDay, first?.starts]).toEqual([false, false]);
  const whole = made.of(all, null, true);
  expect(whole.map((row) => [row.startsDay, row.starts])).toEqual([[true, true], [false, false], [false, false]]);
  // Rows that are as they were are the same, so that nothing is made anew.
  expect(made.of(all, null, true).every((row, at) => row === whole[at])).toBe(true);
});

test('reading begins at the oldest of those that were unread', () => {
  const all = [0, 1, 2, 3, 4].map((at) => one(at, `2026-03-01T10:0${at}:00`, at === 3 ? 'outgoing' : 'incoming'));
  expect([0, 1, 2, 9].map((unread) => firstUnread(all, unread)?.id)).toEqual([undefined, 'msg_4', 'msg_2', 'msg_0']);
  expect(rows(all, 'msg_2').map((row) => [row.firstUnread, row.starts])[2]).toEqual([true, true]);
});

function one(seq: number, created_at: string, direction: 'incoming' | 'outgoing' = 'incoming') {
  return message({ id: `msg_${seq}`, seq, created_at, direction, author: { kind: 'contact', id: 'con_1' } });
}
