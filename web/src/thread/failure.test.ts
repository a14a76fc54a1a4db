import { expect, test } from 'vitest';
import { remedy } from './failure';

test('sending again is offered where it can help, and warned of where it may double', () => {
  const offers = ['outcome_unknown', 'opted_out', 'text_too_long', 'expired', 'channel_off', 'never heard of', undefined].map(remedy);
  expect(offers).toEqual(['anyway', 'nothing', 'anew', 'again', 'again', 'again', 'again']);
});
