import { expect, test } from 'vitest';
import { LANGUAGES, speak, t, withMore, type Language } from '../text/text';
import { accountOf, whyOf } from './words';

await withMore(Promise.resolve());

test.each(Object.keys(LANGUAGES) as Language[])('%s says in the first sentence why a channel does not work', async (language) => {
  await speak(language);
  const reasons = Object.keys({ ...t.channels.reasons, ...t.setup.reasons });
  const said = reasons.map((state_reason) => whyOf({ state: 'needs_attention', state_reason, state_detail: null }));
  await speak('en');
  // Cut after an abbreviation it would be shorter, or end with one letter.
  expect(said.filter((why) => why.length < 12 || /(?<![\p{L}’])\p{L}\.$/u.test(why) || !why.endsWith('.'))).toEqual([]);
});

test('what to do about it is for its page, and a server that is newer is believed', () => {
  expect(whyOf({ state: 'needs_attention', state_reason: 'reauthorise', state_detail: null })).toBe('The provider takes its credentials no longer.');
  expect(whyOf({ state: 'needs_attention', state_reason: 'never_heard', state_detail: 'It is full. Empty it.' })).toBe('It is full.');
  expect(whyOf({ state: 'ready', state_reason: null, state_detail: null })).toBe('');
});

test('an account is told by what people know it by, once, and not by ids', () => {
  const account = { number_id: '106000000000001', number: '+390255500142', digits: '390255500142', name: 'Bottega Conti', called: 'Bottega Conti', limit: '250', quality: 'green', own: 'chn_1', key: 'x'.repeat(80), none: '' };
  expect(accountOf({ id: 'chn_1', account, quality: 'green' })).toEqual(['+390255500142', 'Bottega Conti']);
});
