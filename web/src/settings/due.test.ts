import { expect, test } from 'vitest';
import { daysLeft, urgency } from './due';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test('the last day counts as one', () => {
  expect(daysLeft('2026-03-01T23:00:00Z', NOW)).toBe(1);
  expect(daysLeft('2026-03-11T12:00:00Z', NOW)).toBe(10);
  expect(daysLeft('2026-02-27T12:00:00Z', NOW)).toBe(-2);
});

test('a week before the end it is urgent, and afterwards it is over', () => {
  expect(urgency('2026-03-20T12:00:00Z', NOW)).toBe('calm');
  expect(urgency('2026-03-08T12:00:00Z', NOW)).toBe('soon');
  expect(urgency('2026-03-01T12:00:00Z', NOW)).toBe('over');
});
