import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linked } from './links';

const hrefs = (text: string) => linked(text).flatMap((part) => part.href ?? []);

test('addresses become links without the sentence around them', () => {
  expect(hrefs('See https://example.com/a?b=1. And (http://example.org)!')).toEqual(['https://example.com/a?b=1', 'http://example.org/']);
});

test('nothing that could run becomes a link', () => {
  expect(hrefs('javascript:alert(1) data:text/html,x vbscript:x //evil.example file:///etc/passwd')).toEqual([]);
});

test('a character that turns the direction of text ends an address', () => {
  expect(hrefs('https://example.com/\u202egnp.exe')).toEqual(['https://example.com/']);
});

test('no text is lost or changed', () => {
  const pieces = fc.array(fc.oneof(fc.string(), fc.webUrl(), fc.constant('https://'), fc.constant(' ')));
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join('');
      expect(linked(text).map((part) => part.text).join('')).toBe(text);
      expect(hrefs(text).every((href) => /^https?:/.test(href))).toBe(true);
    }),
  );
});
