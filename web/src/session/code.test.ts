import { expect, test } from 'vitest';
import { codeOf, strength } from './code';

test.each([['123 456', '123456'], [' 123456\n', '123456'], ['123-456', '123456'], ['ab12-cd34-ef56', 'ab12-cd34-ef56'], ['', '']])('%j is %j', (typed, code) => expect(codeOf(typed)).toBe(code));

test('a long sentence is stronger than a short riddle, and a repetition is weak', () => {
  expect(strength('aaaaaaaaaaaaaaaaaaaaaaaa')).toBe(1);
  expect(strength('P4$s')).toBeLessThan(strength('the heron waits by the river'));
  expect(strength('the heron waits by the river')).toBe(4);
  expect(strength('')).toBe(0);
});
