import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST, withLabels } from './labels';

test('commas part what was typed, and nothing is there twice', () => {
  expect(withLabels(['VIP'], ' bill, vip ,, Bill,repair ')).toEqual(['VIP', 'bill', 'repair']);
  expect(withLabels(['VIP'], '  ')).toEqual(['VIP']);
});

test('whatever is typed, the server takes what comes of it', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (typed) => {
      const labels = withLabels([], typed.join(','));
      expect(labels.length).toBeLessThanOrEqual(50);
      expect(new Set(labels.map((label) => label.toLowerCase())).size).toBe(labels.length);
      for (const label of labels) expect(label.length > 0 && label.length <= LONGEST && label === label.trim()).toBe(true);
    }),
  );
});
