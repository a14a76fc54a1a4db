import { expect, test } from 'vitest';
import { speak } from '../text/text';
import { remedy, why } from './failure';

test('sending again is offered where it can help, and warned of where it may double', () => {
  const offers = ['outcome_unknown', 'opted_out', 'text_too_long', 'expired', 'channel_off', 'never heard of', undefined].map(remedy);
  expect(offers).toEqual(['anyway', 'nothing', 'anew', 'again', 'again', 'again', 'again']);
});

test('the reason is said in the member’s language, and the server’s own words stay where they alone say what it was', async () => {
  const said = () => [why({ code: 'filtered', detail: 'Held back.' }), why({ code: 'telnyx_refused', detail: 'Error 1.' }), why({ code: 'never heard of', detail: 'So.' })];
  await speak('it');
  const [own, told, unknown] = said();
  expect(own).toMatch(/^L’operatore/);
  expect(told).toMatch(/^Telnyx l’ha rifiutato .* \(Error 1\.\)$/);
  expect(unknown).toBe('So.');
  await speak('en');
  expect(said()[1]).toBe('Error 1.');
});
