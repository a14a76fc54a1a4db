import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folded, plainName } from './fold';

test('a short text is whole, a long one in portions, and in the end all of it', () => {
  expect(folded('Hello', 0)).toEqual({ text: 'Hello', left: 0 });
  const long = 'word '.repeat(200_000);
  expect(folded(long, 0).text.length).toBe(3_000);
  expect(folded(long, 99).left).toBe(0);
  const tall = 'x\n'.repeat(500);
  expect(folded(tall, 0).text.split('\n')).toHaveLength(30);
  expect(folded(tall, 1).left).toBe(0);
});

test('whatever the text, portions grow, belong together and cut no character in two', () => {
  const text = fc.array(fc.constantFrom('a', '😀', '\n', 'é', ' ', '\u202e'), { maxLength: 200 }).chain((letters) => fc.integer({ min: 1, max: 60 }).map((times) => letters.join('').repeat(times)));
  fc.assert(
    fc.property(text, fc.nat(4), (words, times) => {
      const one = folded(words, times);
      expect(words.startsWith(one.text)).toBe(true);
      expect(one.text.length + one.left).toBe(words.length);
      expect(folded(words, times + 1).text.length).toBeGreaterThanOrEqual(one.text.length);
      if (one.left > 0) expect(/[\uD800-\uDBFF]$/.test(one.text)).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test('a name cannot pretend to another ending', () => {
  expect(plainName('photo\u202egpj.exe')).toBe('photogpj.exe');
  expect(plainName(' a\u0000b\u200b.txt\ufeff')).toBe('a b.txt');
});
