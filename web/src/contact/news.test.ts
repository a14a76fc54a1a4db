import { expect, test } from 'vitest';
import type { Contact } from '../api/model';
import { ContactNews } from './news.svelte';

const ada = { id: 'con_1', name: 'Ada' } as Contact;

test('consents are read anew only when it is said that they changed, or when something was missed', () => {
  const news = new ContactNews();
  for (const name of ['Ada', 'Ada L.', 'Ada Lovelace']) expect(news.told({ ...ada, name }).name).toBe(name);
  expect([news.any, news.consents]).toEqual([3, 0]);
  expect(news.told({ ...ada, changed: 'consents' })).toEqual(ada);
  expect([news.any, news.consents]).toEqual([4, 1]);
  news.missed();
  expect([news.any, news.consents]).toEqual([5, 2]);
});
