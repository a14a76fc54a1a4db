import { expect, test } from 'vitest';
import { day, relative, short } from './time';

const now = new Date(2026, 2, 12, 15, 0).getTime();
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const words = { today: 'Today', yesterday: 'Yesterday' };

test.each([
  [0.5, 'now'], [5, '5m'], [59, '59m'], [180, '3h'], [60 * 20, 'Wed'], [60 * 24 * 4, 'Sun'], [60 * 24 * 20, '20 Feb'], [60 * 24 * 400, '05/02/25'],
])('%s minutes ago is %s', (minutes, expected) => expect(short(ago(minutes), now, 'en-GB')).toBe(expected));

test.each([
  [10, 'Today'], [60 * 20, 'Yesterday'], [60 * 24 * 4, 'Sunday'], [60 * 24 * 20, '20 February'], [60 * 24 * 400, '5 February 2025'],
])('the day %s minutes ago is %s', (minutes, expected) => expect(day(ago(minutes), now, words, 'en-GB')).toBe(expected));

test('a moment from a clock that runs ahead is now', () => expect(short(ago(-5), now, 'en-GB')).toBe('now'));
test('what is no moment is nothing', () => expect(short('soon', now)).toBe(''));

test.each([['it', 'ora', '5min', '3h'], ['es', 'ahora', '5min', '3h'], ['de', 'jetzt', '5 Min.', expect.stringMatching(/^3 ?(h|Std\.)$/)]])('%s says it in its own way', (locale, ...expected) =>
  expect([0, 5, 180].map((minutes) => short(ago(minutes), now, locale).replaceAll('\u202F', ' ').replaceAll('\u00A0', ' '))).toEqual(expected),
);

test.each([[0.2, 'now'], [-180, 'in 3 hours'], [60 * 24, 'yesterday'], [60 * 24 * 15, '2 weeks ago'], [-60 * 24 * 400, 'next year']])('%s minutes ago is %s from now', (minutes, expected) =>
  expect(relative(ago(minutes), now, 'en-GB')).toBe(expected),
);
