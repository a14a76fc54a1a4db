import { expect, test } from 'vitest';
import type { Command } from './commands.svelte';
import { foundCommands } from './found';

const command = (id: string, group: Command['group'], more: Partial<Command> = {}): Command => ({ id, group, label: id, ...more });
const ids = (commands: Command[], typed: string) => foundCommands(commands, typed).map(({ group, items }) => [group, items.map((item) => item.id)]);

const all = [command('Sign out', 'app'), command('Resolve', 'conversation'), command('Go to Mine', 'go', { words: 'my conversations, assigned to me' }), command('Next', 'list', { silent: true })];

test('everything stands by its group, and what is only a key is left out', () => {
  expect(ids(all, ' ')).toEqual([['conversation', ['Resolve']], ['go', ['Go to Mine']], ['app', ['Sign out']]]);
});

test('what is typed finds by name and by other words', () => {
  expect(ids(all, 'reso')).toEqual([[null, ['Resolve']]]);
  expect(ids(all, 'assigned')).toEqual([[null, ['Go to Mine']]]);
  expect(ids(all, 'next')).toEqual([[null, []]]);
});

test('of two with the same id the nearer holds', () => {
  const near = command('Resolve', 'conversation', { hint: 'near' });
  expect(foundCommands([near, ...all], '')[0]?.items).toEqual([near]);
});
