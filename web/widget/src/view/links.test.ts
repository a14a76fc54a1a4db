import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parts } from './links';

const links = (text: string) => parts(text).filter((part) => part.link).map((part) => part.text);

it('finds addresses, without what closes the sentence', () => {
  expect(links('See https://a.example/x?y=1#z, or (http://b.example/c_(d)).')).toEqual(['https://a.example/x?y=1#z', 'http://b.example/c_(d)']);
});

it('makes no link of anything else', () => {
  for (const text of ['javascript:alert(1)', 'data:text/html,x', 'ftp://a.example', 'www.a.example', 'https://', '//a.example', 'a@b.example']) expect(links(text)).toEqual([]);
  expect(links('https://a.example/\u202egpj.exe')).toEqual(['https://a.example/']);
});

it('loses no letter', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('https://a.example/', 'http://', ')', '. '))), (pieces) => {
    const text = pieces.join('');
    expect(parts(text).map((part) => part.text).join('')).toBe(text);
  }));
});
