import { expect, test } from 'vitest';
import { chord, Sequences, shown, single, spelled } from './keys';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test.each([
  [press('e'), false, 'e'],
  [press('E', { shiftKey: true }), false, 'Shift+e'],
  [press('?', { shiftKey: true }), false, '?'],
  [press('k', { ctrlKey: true }), false, 'Mod+k'],
  [press('k', { metaKey: true }), true, 'Mod+k'],
  [press('k', { ctrlKey: true }), true, ''],
  [press('Enter', { shiftKey: true }), false, 'Shift+Enter'],
  [press('[', { altKey: true, ctrlKey: true }), false, '['],
  [press('Shift', { shiftKey: true }), false, ''],
])('%j (Apple: %s) is %s', (event, apple, name) => expect(chord(event, apple)).toBe(name));

test('one key after the other is a sequence, unless one waits too long', () => {
  const known = ['e', 'g i', 'i'];
  const sequences = new Sequences();
  expect(sequences.press('g', 0, known)).toEqual({ keys: null, waiting: true });
  expect(sequences.press('i', 500, known).keys).toBe('g i');
  sequences.press('g', 1_000, known);
  expect(sequences.press('i', 5_000, known).keys).toBe('i');
  sequences.press('g', 6_000, known);
  expect(sequences.press('e', 6_100, known).keys).toBe('e');
  expect(sequences.press('i', 6_200, known).keys).toBe('i');
});

test('a key by itself is told from one with a modifier and from a named one', () => {
  expect(['e', 'g i', 'Shift+e', '?'].every(single)).toBe(true);
  expect(['Mod+k', 'Escape', 'ArrowDown', 'Enter', 'Alt+ArrowUp'].some(single)).toBe(false);
});

test('keys are shown as the machine names them', () => {
  expect(shown('Mod+Shift+k', true)).toEqual([['⌘', '⇧', 'K']]);
  expect(spelled('Mod+k', false)).toBe('Ctrl+K');
  expect(spelled('g i', false)).toBe('G I');
});
