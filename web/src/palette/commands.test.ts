import { beforeEach, expect, test, vi } from 'vitest';
import { Commands } from './commands.svelte';

beforeEach(() => {
  vi.stubGlobal('document', { querySelector: () => null });
  vi.stubGlobal('HTMLElement', class {});
});

const event = (key: string, more: Partial<KeyboardEvent> = {}) => ({ key, target: null, preventDefault: vi.fn(), ...more }) as unknown as KeyboardEvent;

test('a key does what was offered last, or what is behind it when that has nothing to do', () => {
  const commands = new Commands();
  const done: string[] = [];
  commands.add(() => [{ id: 'a', group: 'app', label: 'A', keys: ['e'], run: () => void done.push('always') }]);
  const takeBack = commands.add(() => [{ id: 'b', group: 'list', label: 'B', keys: ['e'], run: () => void done.push('near') }]);
  commands.press(event('e'));
  takeBack();
  commands.press(event('e'));
  const left = event('e');
  commands.add(() => [{ id: 'c', group: 'list', label: 'C', keys: ['e'], run: () => false }]);
  commands.press(left);
  expect(done).toEqual(['near', 'always', 'always']);
  expect(left.preventDefault).toHaveBeenCalled();
});

test('letters by themselves can be switched off; the others go on', () => {
  const commands = new Commands();
  const done: string[] = [];
  commands.add(() => [
    { id: 'a', group: 'app', label: 'A', keys: ['e', 'Mod+e'], run: () => void done.push('e') },
    { id: 'b', group: 'app', label: 'B', keys: ['Escape'], run: () => void done.push('escape') },
  ]);
  commands.useSingles(false);
  for (const one of [event('e'), event('e', { ctrlKey: true }), event('Escape')]) commands.press(one);
  expect(done).toEqual(['e', 'escape']);
});

test('nothing happens while a dialog is open', () => {
  const commands = new Commands();
  const run = vi.fn();
  commands.add(() => [{ id: 'a', group: 'app', label: 'A', keys: ['e'], run }]);
  vi.stubGlobal('document', { querySelector: () => ({}) });
  commands.press(event('e'));
  expect(run).not.toHaveBeenCalled();
});
