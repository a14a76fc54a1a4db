import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parts } from './highlight';

test('offsets count characters, not UTF-16 units', () => {
  expect(parts('😕 crack', [[2, 7]])).toEqual([{ text: '😕 ', marked: false }, { text: 'crack', marked: true }]);
});

test('overlapping and touching spans are one', () => {
  expect(parts('abcdef', [[3, 5], [1, 3], [2, 4]])).toEqual([{ text: 'a', marked: false }, { text: 'bcde', marked: true }, { text: 'f', marked: false }]);
});

test('whatever the spans, the text stays whole', () => {
  const span = fc.tuple(fc.integer({ min: -3, max: 40 }), fc.integer({ min: -3, max: 40 }));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(span), (text, spans) => {
      expect(parts(text, spans).map((part) => part.text).join('')).toBe(text);
    }),
  );
});
