import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shown, withValue } from './attributes';

test('a value stays of its kind, and nothing takes it away', () => {
  const before = { plan: 'pro', seats: 3, vip: true, tags: ['a'] };
  expect(withValue(before, 'seats', ' 12 ')).toEqual({ ...before, seats: 12 });
  expect(withValue(before, 'seats', 'many')).toEqual({ ...before, seats: 'many' });
  expect(withValue(before, 'vip', 'false')).toEqual({ ...before, vip: false });
  expect(withValue(before, 'tags', '["b"]')).toEqual({ ...before, tags: ['b'] });
  expect(withValue(before, 'plan', '  ')).toEqual({ seats: 3, vip: true, tags: ['a'] });
});

test('what is shown and not changed stays exactly as it was, whatever it is called', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(fc.string({ minLength: 1 }), fc.constant('__proto__')), fc.jsonValue()), (attributes) => {
      for (const key of Object.keys(attributes)) expect(withValue(attributes, key, shown(attributes[key]))).toEqual(attributes);
    }),
  );
});
