import { expect, test } from 'vitest';
import { Problem } from '../api/problem';
import { Asked } from './asked.svelte';

const settled = () => new Promise((done) => setTimeout(done));

test.each([
  [404, 'absent'],
  [405, 'absent'],
  [501, 'absent'],
  [403, 'forbidden'],
  [500, 'failed'],
  [0, 'failed'],
])('an answer %i is told as %s', async (status, state) => {
  const asked = new Asked(() => Promise.reject(new Problem(status, 'x', 'Why')));
  await settled();
  expect([asked.state, asked.why]).toEqual([state, 'Why']);
});

test('of two at once the one asked last counts', async () => {
  const answers: ((value: string) => void)[] = [];
  const asked = new Asked(() => new Promise<string>((answer) => answers.push(answer)));
  const second = asked.load();
  answers[1]?.('second');
  await second;
  answers[0]?.('first');
  await settled();
  expect(asked.value).toBe('second');
});

test('what is there stays when it cannot be asked for anew', async () => {
  let broken = false;
  const asked = new Asked(() => (broken ? Promise.reject(new Problem(503, 'unavailable', 'Later')) : Promise.resolve([1])));
  await settled();
  broken = true;
  await asked.load();
  expect([asked.state, asked.value]).toEqual(['here', [1]]);
});
