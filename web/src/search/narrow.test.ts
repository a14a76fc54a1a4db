import { expect, test } from 'vitest';
import { AGES, isWide, queryOf, WIDE } from './narrow';

const here = { conversation: 'cnv_1', contact: 'con_1' };
const now = new Date(2026, 2, 12, 15, 30).getTime();

test('a wide search names nothing', () => {
  expect(queryOf(WIDE, here, now)).toEqual({});
  expect(isWide(WIDE)).toBe(true);
});

test('what it is narrowed to is named as the server names it', () => {
  const narrow = { ...WIDE, where: 'contact' as const, channel: 'chn_1', label: 'late', age: 'week' as const };
  expect(queryOf(narrow, here, now)).toEqual({ contact: 'con_1', channel: 'chn_1', label: 'late', since: new Date(2026, 2, 5).toISOString() });
  expect(isWide(narrow)).toBe(false);
});

test('where nothing is open, here is everywhere', () => {
  expect(queryOf({ ...WIDE, where: 'conversation' }, { conversation: null, contact: null }, now)).toEqual({});
});

test('each age reaches further back than the one before it, to the beginning of a day', () => {
  const since = AGES.slice(1).map((age) => Date.parse(queryOf({ ...WIDE, age }, here, now).since ?? ''));
  expect(since).toEqual([...since].sort((one, other) => other - one));
  expect(since.every((moment) => new Date(moment).getHours() === 0)).toBe(true);
});
