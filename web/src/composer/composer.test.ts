import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Template } from '../api/model';
import { fill } from './fill';
import { lengthOf } from './limits';
import { mentionIds, mentionsIn } from './mentions';
import { body, missing, NOTHING, order } from './templates';
import { fitting, replaced, triggerAt } from './trigger';
import { windowOf } from './window';

test.each([
  ['/', 1, { mark: '/', word: '', from: 0, to: 1 }], ['Hello /th', 9, { mark: '/', word: 'th', from: 6, to: 9 }], ['a\n@ad', 5, { mark: '@', word: 'ad', from: 2, to: 5 }],
  ['and/or', 6, null], ['https://x', 9, null], ['me@home', 7, null], ['/th is', 6, null], ['/th is', 3, { mark: '/', word: 'th', from: 0, to: 3 }],
])('in “%s” at %i', (text, caret, expected) => expect(triggerAt(text, caret, ['/', '@'])).toEqual(expected));

test('a mark that means nothing here is a letter', () => expect(triggerAt('@ada', 4, ['/'])).toBeNull());

test('wherever the caret is, what triggered ends there and starts with its mark', () => {
  const text = fc.array(fc.constantFrom('/', '@', ' ', 'a', 'é', '\n', '😀', '('), { maxLength: 60 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(text, fc.nat(60), (words, at) => {
      const caret = Math.min(at, words.length);
      const found = triggerAt(words, caret, ['/', '@']);
      if (!found) return;
      expect(words.slice(found.from, found.to)).toBe(found.mark + found.word);
      expect(found.to).toBe(caret);
      expect(found.from === 0 || /[\s(]/u.test(words[found.from - 1] as string)).toBe(true);
      const after = replaced(words, found, 'Thanks');
      expect(after.text.slice(found.from, after.caret)).toMatch(/^Thanks\s$/);
    }),
  );
});

test('the better fit comes first', () => {
  const all = [{ key: 'opening hours' }, { key: 'hours' }, { key: 'rush hour', text: 'x' }, { key: 'thanks', text: 'for your hours' }];
  expect(fitting(all, 'HOURS', (one) => [one.key], (one) => one.text ?? '').map((one) => one.key)).toEqual(['hours', 'opening hours', 'thanks']);
  expect(fitting(['José', 'Ada'], 'jose', (one) => [one])).toEqual(['José']);
});

test('variables are filled, and what is not known stays to be seen', () => {
  const known = { contact: { name: 'Giulia Conti' }, member: { name: 'Ada' }, workspace: { name: 'Bottega $& Figli' } };
  expect(fill('Ciao {{contact.first_name}}, {{ member.name }} di {{workspace.name}} {{order.id}}', known)).toEqual({ text: 'Ciao Giulia, Ada di Bottega $& Figli {{order.id}}', missing: ['order.id'] });
  expect(fill('{{contact.name}}{{constructor}}', { ...known, contact: { name: ' ' } }).missing).toEqual(['contact.name', 'constructor']);
});

test('of two names that begin alike the longer is meant, and an address is no mention', () => {
  const members = [{ id: 'mbr_1', name: 'Ada' }, { id: 'mbr_2', name: 'Ada Lovelace' }, { id: 'mbr_3', name: 'Bo' }];
  expect(mentionIds('@Ada Lovelace and @ada, not x@bo or @Bobby. @Ada', members)).toEqual(['mbr_2', 'mbr_1']);
  expect(mentionsIn('hi @Bo!', members)).toEqual([{ id: 'mbr_3', from: 3, to: 6 }]);
});

const template: Template = {
  name: 'order_update', language: 'it', category: 'utility', status: 'approved', body: 'Ciao {{1}}, il tuo ordine {{2}} è pronto.', variables: ['1', '2'], updated_at: '2026-03-01T10:00:00Z',
  header: { kind: 'text', text: 'Ordine {{1}}', variable: '1' }, buttons: [{ kind: 'url', label: 'Apri', needs_value: true }, { kind: 'quick_reply', label: 'Ok', needs_value: false }],
};

test('a template says what it lacks, how it will read, and becomes an order', () => {
  expect(missing(template, NOTHING)).toEqual(['1', '2', 'header', 'button 0']);
  const values = { variables: { 1: ' Giulia ', 2: '$1' }, header: '77', file: null, buttons: { 0: 'abc' } };
  expect(missing(template, values)).toEqual([]);
  expect(body(template, values)).toBe('Ciao Giulia, il tuo ordine $1 è pronto.');
  expect(order(template, values)).toEqual({ name: 'order_update', language: 'it', variables: ['Giulia', '$1'], header: { text: '77' }, buttons: [{ index: 0, value: 'abc' }] });
  const named = { ...template, body: '{{name}}', variables: ['name'], header: null, buttons: [] };
  expect(order(named, { ...NOTHING, variables: { name: 'G' } })).toEqual({ name: 'order_update', language: 'it', variables: { name: 'G' } });
});

test('a bound is told when it is near, in characters and not in units', () => {
  const kind = { text_limit: 10, caption_limit: 5 };
  expect(lengthOf('hello', 0, kind)).toEqual({ left: null, over: false });
  expect(lengthOf('hello wor', 0, kind)).toEqual({ left: 1, over: false });
  expect(lengthOf('😀'.repeat(10), 0, kind)).toEqual({ left: 0, over: false });
  expect(lengthOf('hello!', 1, kind)).toEqual({ left: -1, over: true });
  expect(lengthOf('x'.repeat(99_999), 0, { text_limit: 0, caption_limit: 0 }).over).toBe(false);
});

test.each([
  [null, { kind: 'open' }], ['2026-03-12T20:00:00Z', { kind: 'open' }], ['2026-03-12T13:30:00Z', { kind: 'closing', hours: 3, minutes: 210 }], ['2026-03-12T10:10:30Z', { kind: 'closing', hours: 0, minutes: 11 }],
  ['2026-03-12T10:00:00Z', { kind: 'closed' }], ['2026-03-11T10:00:00Z', { kind: 'closed' }],
  ['2026-03-01T10:00:00Z', { kind: 'never' }],
])('a window open until %s', (open_until, expected) => expect(windowOf({ window: { open_until }, created_at: '2026-03-01T10:00:00Z' }, Date.parse('2026-03-12T10:00:00Z'))).toEqual(expected));
