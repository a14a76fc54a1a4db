import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { locale } from './intl';
import { SAME } from './same';
import { LANGUAGES, speak, t, understood, withMore, type Language } from './text';

type Leaf = string | ((...parameters: unknown[]) => unknown);

async function leaves(language: Language): Promise<Map<string, Leaf>> {
  await speak(language);
  const found = new Map<string, Leaf>();
  const walk = (at: unknown, path: string) => {
    if (typeof at === 'string' || typeof at === 'function') found.set(path, at as Leaf);
    else for (const [key, value] of Object.entries(at as object)) walk(value, path ? `${path}.${key}` : key);
  };
  walk(t, '');
  await speak('en');
  return found;
}

await withMore(Promise.resolve());
const english = await leaves('en');
const others = (Object.keys(LANGUAGES) as Language[]).filter((one): one is keyof typeof SAME => one !== 'en');

/** Numbers in place of every parameter, of which each tells which it was: 701, 702, … */
function said(leaf: Leaf, first = 701): string {
  if (typeof leaf === 'string') return leaf;
  return String(leaf(...Array.from({ length: 6 }, (_, at) => first + at)));
}

const parameters = (leaf: Leaf, first?: number) => [...new Set(said(leaf, first).match(/70[1-6]/g) ?? [])].sort();

test.each(others)('%s says everything that English says, and nothing else', async (language) => {
  expect([...(await leaves(language)).keys()].sort()).toEqual([...english.keys()].sort());
});

test.each(others)('%s leaves nothing empty, unfinished or in English', async (language) => {
  const wrong = [...(await leaves(language))]
    .filter(([path, leaf]) => {
      const words = said(leaf);
      if (!words.trim() || /\bTODO\b|\bXXX\b|undefined|NaN/.test(words)) return true;
      const letters = words.replace(/[^\p{L}]/gu, '');
      return letters.length > 2 && words === said(english.get(path) ?? '') && !SAME[language].includes(words);
    })
    .map(([path, leaf]) => `${path}: ${said(leaf)}`);
  expect(wrong).toEqual([]);
});

test.each(others)('%s uses the parameters that English uses', async (language) => {
  const wrong = [...(await leaves(language))]
    .filter(([path, leaf]) => String(parameters(leaf)) !== String(parameters(english.get(path) ?? '')))
    .map(([path]) => path);
  expect(wrong).toEqual([]);
});

test.each(others)('%s allows no word of English that it does not use', async (language) => {
  const words = new Set([...(await leaves(language)).values()].map((leaf) => said(leaf)));
  expect(SAME[language].filter((word) => !words.has(word))).toEqual([]);
});

test('every text is used somewhere', () => {
  const root = new URL('..', import.meta.url).pathname;
  const code = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(svelte|ts)$/.test(name) && !name.startsWith('text') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n');
  // `t.a.b.c` is used where it is named, and where something above it is taken whole: `t.a.b[…]`.
  const named = new Set(code.match(/(?<![\w.])t(?:\.\w+)+/g));
  const unused = [...english.keys()].filter((path) => {
    const steps = path.split('.');
    return !steps.some((_, at) => named.has(['t', ...steps.slice(0, at + 1)].join('.')));
  });
  expect(unused).toEqual([]);
});

test('the first wish that is understood is taken, and English if none is', () => {
  expect(understood(['fr-CA', 'de-CH', 'en'])).toBe('de');
  expect(understood([null, undefined, 'IT'])).toBe('it');
  expect(understood(['constructor', 'fr'])).toBe('en');
});

test('the country comes from the browser if it speaks the language at all', () => {
  expect(locale(['de-AT', 'en-GB'])).toBe('en-GB');
  expect(locale(['de-AT'])).toBe('en');
});
