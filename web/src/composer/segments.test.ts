import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { segmentsOf } from './segments';

type Vector = ReturnType<typeof segmentsOf> & { parts: [string, number][] };
const vectors = JSON.parse(readFileSync(new URL('../../../crates/connect/fixtures/segments.json', import.meta.url).pathname, 'utf8')) as Vector[];

test('the server counts the same', () => {
  expect(vectors.length).toBeGreaterThan(30);
  for (const { parts, ...expected } of vectors) expect(segmentsOf(parts.map(([text, times]) => text.repeat(times)).join('')), JSON.stringify(parts).slice(0, 60)).toEqual(expected);
});

test('more text is never fewer messages, and all of it fits', () => {
  const letters = fc.array(fc.constantFrom('a', '€', 'ç', '😀', '\n'), { maxLength: 300 }).map((all) => all.join(''));
  fc.assert(
    fc.property(letters, letters, (text, more) => {
      const [shorter, longer] = [segmentsOf(text), segmentsOf(text + more)];
      expect(longer.segments).toBeGreaterThanOrEqual(shorter.segments);
      expect(longer.units).toBeLessThanOrEqual(longer.segments * longer.per_segment);
    }),
  );
});
