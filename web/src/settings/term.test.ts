import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromDays, toDays, told } from './term';

test.each([
  [1, '1 days'], [30, '30 days'], [90, '90 days'], [365, '12 months'], [730, '24 months'], [1095, '3 years'], [3650, '10 years'], [3653, '3653 days'], [1827, '1827 days'],
])('%i days', (days, said) => {
  const { n, unit } = fromDays(days);
  expect(`${n} ${unit}`).toBe(said);
});

test('whatever it is said in, it is the same term', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4000 }), (days) => toDays(fromDays(days)) === days));
});

test.each([[3653, '10 years'], [1827, '5 years'], [2192, '6 years'], [2922, '8 years'], [3650, '10 years'], [3652, '3652 days'], [730, '24 months'], [395, '13 months']])('%i days are told', (days, said) => {
  const { n, unit } = told(days);
  expect(`${n} ${unit}`).toBe(said);
});
