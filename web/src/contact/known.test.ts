import { expect, test } from 'vitest';
import type { Contact } from '../api/model';
import { KnownContacts } from './known.svelte';

test('who asks while the answer is on its way gets the same one; later it is asked anew', async () => {
  let asked = 0;
  const known = new KnownContacts(async (id) => ({ id, language: `x-${(asked += 1)}` }) as Contact);
  const both = await Promise.all([known.load('a'), known.load('a')]);
  expect(both.map((one) => one.language)).toEqual(['x-1', 'x-1']);
  await known.load('a');
  expect(known.get('a')?.language).toBe('x-2');
  known.forget('a');
  expect(known.get('a')).toBeUndefined();
});

test('what was refused is asked for again', async () => {
  const answers = [Promise.reject(new Error('away')), Promise.resolve({ id: 'a' } as Contact)];
  const known = new KnownContacts(() => answers.shift() ?? Promise.reject(new Error('no more')));
  await expect(known.load('a')).rejects.toThrow('away');
  expect((await known.load('a')).id).toBe('a');
});
