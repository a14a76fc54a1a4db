/** What the server records as done, read from its sources: each can be searched for, and has words here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withMore } from '../text/text';
import { ACTS, actName } from './acts';

await withMore(Promise.resolve());

const crates = new URL('../../../crates', import.meta.url).pathname;
const sources = ['vault/src', 'server/src'].flatMap((folder) =>
  readdirSync(join(crates, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rs') && !/(^|\/)(?:tests?|testing)(\/|\.rs$)/.test(name))
    .map((name) => readFileSync(join(crates, folder, name), 'utf8').replace(/#\[cfg\(test\)\]\s*mod \w+ \{[\s\S]*/, '')),
);
/** An act as a word, in a call that records it. */
const RECORDED = /\b(?:record|recorded|noted|changed)\([^;"]*"([a-z_]+\.[a-z_]+)"/g;
const recorded = [...new Set(sources.flatMap((text) => [...text.matchAll(RECORDED)].map((match) => match[1] ?? '')))].sort();

test('the sources are understood', () => {
  const examples = ['channel.state_changed', 'contact.erasure_held', 'contact.objected', 'contacts.searched', 'data.restored', 'hold.set', 'holds.listed', 'request.closed', 'request.read', 'session.opened'];
  expect(examples.filter((act) => !recorded.includes(act))).toEqual([]);
});

test('every act that is recorded can be searched for', () => {
  expect(recorded.filter((act) => !(ACTS as readonly string[]).includes(act))).toEqual([]);
});

test('every act has words', () => {
  expect(ACTS.filter((act) => actName(act) === act)).toEqual([]);
});

test('nothing is listed twice', () => {
  expect(new Set(ACTS).size).toBe(ACTS.length);
});
