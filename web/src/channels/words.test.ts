import { expect, test } from 'vitest';
import { accountOf } from './words';

test('an account is told by what people know it by, once, and not by ids', () => {
  const account = { number_id: '106000000000001', number: '+390255500142', digits: '390255500142', name: 'Bottega Conti', called: 'Bottega Conti', limit: '250', quality: 'green', own: 'chn_1', key: 'x'.repeat(80), none: '' };
  expect(accountOf({ id: 'chn_1', account, quality: 'green' })).toEqual(['+390255500142', 'Bottega Conti']);
});
