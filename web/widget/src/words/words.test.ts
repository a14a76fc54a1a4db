import { describe, expect, it } from 'vitest';
import { LANGUAGES, wordsOf, type Words } from './words';

/** What a word says, with something to put in. */
const said = (word: Words[keyof Words]) => (typeof word === 'function' ? (word as (...given: unknown[]) => string)(7, 8) : word);

describe('the chat speaks four languages', () => {
  const english = LANGUAGES.en!;
  for (const [language, words] of Object.entries(LANGUAGES)) {
    it(`${language} has every word, and puts in what it is given`, () => {
      expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort());
      for (const key of Object.keys(english) as (keyof Words)[]) {
        const [here, there] = [said(words[key]), said(english[key])];
        expect(here.trim(), key).not.toBe('');
        expect(here.match(/\d+/g), key).toEqual(there.match(/\d+/g));
      }
    });
  }

  it('no sentence was left in English', () => {
    for (const [language, words] of Object.entries(LANGUAGES)) {
      if (language === 'en') continue;
      // These two are the same word in several languages.
      const keys = (Object.keys(english) as (keyof Words)[]).filter((key) => !['title', 'ageNo'].includes(key));
      expect(keys.filter((key) => said(words[key]) === said(english[key])), language).toEqual([]);
    }
  });

  it('a region does not matter, and whoever speaks another language reads English', () => {
    expect(wordsOf('de-AT')).toBe(LANGUAGES.de);
    expect(wordsOf('IT')).toBe(LANGUAGES.it);
    expect(wordsOf('ja')).toBe(english);
  });
});
