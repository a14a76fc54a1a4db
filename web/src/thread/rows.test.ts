import { expect, test } from 'vitest';
import { message } from './message.fixture';
import { rows } from './rows';

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
