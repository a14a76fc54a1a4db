import fc from 'fast-check';
import { expect, test } from 'vitest';
import { score } from './fuzzy';

const best = (typed: string, names: string[]) => names.filter((name) => score(typed, name) > 0).sort((one, other) => score(typed, other) - score(typed, one));

test.each([
  ['gs', ['Settings', 'Go to Settings', 'Snoozed'], 'Go to Settings'],
  ['snoo', ['Unsnoozed', 'Snooze until tomorrow', 'Sun of noon'], 'Snooze until tomorrow'],
  ['res', ['Preset', 'Resolve', 'Remove these'], 'Resolve'],
  ['cafe', ['Café Central', 'Case of a female'], 'Café Central'],
  ['at', ['cat a', 'dog'], 'cat a'],
])('%s means the right one of %j', (typed, names, expected) => expect(best(typed, names)[0]).toBe(expected));

test('what has not all the letters in order does not fit', () => {
  expect(score('xyz', 'Resolve')).toBe(0);
  expect(score('ser', 'Res')).toBe(0);
});

test('every name fits its own letters, any of them left out', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }).filter((name) => /\S/.test(name)), fc.array(fc.boolean()), (name, kept) => {
      const typed = Array.from(name).filter((_, at) => kept[at] ?? true).join('');
      expect(score(typed, name)).toBeGreaterThan(0);
    }),
  );
});
