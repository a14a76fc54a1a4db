import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '../api/model';
import { message } from './message.fixture';
import { settle, type HeldMessage } from './settle';

const STATES: Message['state'][] = ['queued', 'sent', 'failed', 'delivered', 'read'];
const CHAIN: Message['state'][] = ['queued', 'sent', 'delivered', 'read'];

/** Versions of one message as events told them, each with its own number. */
const history = fc.array(fc.constantFrom(...STATES), { minLength: 1, maxLength: 8 }).map((states) =>
  states.map((state, seq) => ({ seq, version: message({ state, text: `version ${seq}`, failure: state === 'failed' ? { code: 'x', detail: '' } : null }) })),
);
type Told = { seq: number; version: Message };
const fold = (told: readonly Told[]) =>
  told.reduce<HeldMessage | undefined>((known, { version, seq }) => settle(known, version, seq), undefined);

test('any order with any repetition ends in the same place', () => {
  const shuffled = history.chain((told) =>
    fc.tuple(fc.constant(told), fc.shuffledSubarray(told, { minLength: told.length }), fc.array(fc.constantFrom(...told), { maxLength: 6 })),
  );
  fc.assert(
    fc.property(shuffled, ([inOrder, mixed, again]) => {
      expect(fold([...mixed, ...again])?.value).toEqual(fold(inOrder)?.value);
      expect(fold([...again, ...mixed])?.value).toEqual(fold(inOrder)?.value);
    }),
  );
});

test('the newest content is shown, and an older version is ignored', () => {
  fc.assert(
    fc.property(history, (told) => {
      expect(fold([...told].reverse())?.value.text).toBe(told.at(-1)?.version.text);
    }),
  );
});

test('a state never goes backwards, unless what failed is tried again', () => {
  fc.assert(
    fc.property(history, (told) => {
      let known: HeldMessage | undefined;
      for (const { version, seq } of told) {
        const before = known?.value.state;
        known = settle(known, version, seq);
        const now = known.value.state;
        if (!before || before === 'failed') continue;
        if (now === 'failed') expect(CHAIN.indexOf(before)).toBeLessThan(CHAIN.indexOf('delivered'));
        else expect(CHAIN.indexOf(now)).toBeGreaterThanOrEqual(CHAIN.indexOf(before));
      }
    }),
  );
});

test('an unknown outcome may still turn out delivered, and then it is no failure', () => {
  const held = fold([
    { seq: 1, version: message({ state: 'failed', failure: { code: 'outcome_unknown', detail: '' } }) },
    { seq: 2, version: message({ state: 'delivered' }) },
  ]);
  expect(held?.value).toMatchObject({ state: 'delivered', failure: null });
});

test('what failed and is tried again is queued again', () => {
  const failed = { seq: 1, version: message({ state: 'failed', failure: { code: 'unreachable', detail: '' } }) };
  expect(fold([failed, { seq: 2, version: message({ state: 'queued' }) }])?.value).toMatchObject({ state: 'queued', failure: null });
});

test('an edit that a page told late keeps the state that the stream told', () => {
  const held = fold([{ seq: 9, version: message({ state: 'read', text: 'new' }) }, { seq: 4, version: message({ state: 'sent', text: 'old' }) }]);
  expect(held?.value).toMatchObject({ state: 'read', text: 'new' });
});
