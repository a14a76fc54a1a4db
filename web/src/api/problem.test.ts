import { expect, test } from 'vitest';
import { Problem } from './problem';

test('a problem document is told in its own words', () => {
  const problem = Problem.from({ title: 'Not valid', status: 422, detail: 'A name is missing.', code: 'invalid', fields: { name: 'This is needed.' } }, 422);
  expect([problem.message, problem.code, problem.fields.name, problem.passing]).toEqual(['A name is missing.', 'invalid', 'This is needed.', false]);
});

test('fields may come as a list', () => {
  expect(Problem.from({ title: 'x', status: 422, fields: [{ field: 'settings.bot_token', detail: 'Too short.' }] }, 422).fields).toEqual({ 'settings.bot_token': 'Too short.' });
});

test.each([null, 'Bad gateway', [], { detail: null }])('an answer that is no document still has words: %j', (body) => {
  const problem = Problem.from(body, 502);
  expect(problem.message).toBe('The server answered 502.');
  expect(problem.passing).toBe(true);
});
