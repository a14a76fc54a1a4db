import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { message } from '../thread/message.fixture';
import { ANSWERS, going, isAnswer, oneLine } from './subject';

test('what marks an answer is the same here and where mails are written', () => {
  const source = readFileSync(new URL('../../../crates/connect/src/mail/write/subject.rs', import.meta.url), 'utf8');
  const list = /const ANSWERS: [^=]*= \[([\s\S]*?)\];/.exec(source)?.[1] ?? '';
  expect([...list.matchAll(/"([^"]+)"/g)].map((found) => found[1])).toEqual(ANSWERS);
});

test.each([
  ['Re: Order', true], ['RE : Order', true], ['AW: Bestellung', true], ['R: Ordine', true], ['Re[2]: x', true], ['re^3: x', true], ['\u56de\u590d\uff1ax', true],
  ['Offer: blue chairs', false], ['Re', false], ['', false], ['Order 7', false],
])('whether “%s” answers', (subject, expected) => expect(isAnswer(subject)).toBe(expected));

test('a mail goes on with the last subject that is known, marked as an answer where something was said', () => {
  const came = (subject: string | null) => message({ direction: 'incoming', state: 'received', subject });
  expect(going([])).toBe('');
  expect(going([came(null)])).toBe('');
  expect(going([came('Bread'), came(null)])).toBe('Re: Bread');
  expect(going([came('Bread'), message({ state: 'sent', subject: 'Rolls' })])).toBe('Re: Rolls');
  expect(going([came('Bread'), came('AW: Brot')])).toBe('AW: Brot');
  expect(going([came('Bread'), message({ direction: 'note', subject: 'x' })])).toBe('Re: Bread');
  expect(going([message({ state: 'queued', subject: 'Offer' })])).toBe('Offer');
  expect(going([came(` a\r\n\t${'x'.repeat(500)}`)])).toBe(`Re: a ${'x'.repeat(398)}`);
  expect(oneLine(' a\u0000b\n c ')).toBe('a b c');
});
