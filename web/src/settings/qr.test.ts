import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawn } from './qr';

test('every dark square is painted once, and no light one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }).chain((size) => fc.tuple(fc.constant(size), fc.array(fc.boolean(), { minLength: size * size, maxLength: size * size }))), ([size, dark]) => {
      const { side, path } = drawn({ size, get: (x, y) => dark[y * size + x] ?? false });
      const painted = new Map<string, number>();
      for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
        for (let at = 0; at < Number(length); at += 1) painted.set(`${Number(x) + at - 4},${Number(y) - 4}`, (painted.get(`${Number(x) + at - 4},${Number(y) - 4}`) ?? 0) + 1);
      }
      expect(side).toBe(size + 8);
      expect([...painted.values()].every((times) => times === 1)).toBe(true);
      expect([...painted.keys()].sort()).toEqual(dark.flatMap((is, at) => (is ? [`${at % size},${Math.floor(at / size)}`] : [])).sort());
    }),
  );
});
