import { expect, test } from 'vitest';
import { shortcutOf, unknownVariables, wrongWith } from './canned';

test.each([
  ['/hello', 'Ciao', {}],
  ['hello', 'Ciao {{ contact.first_name }}, {{workspace.name}}', {}],
  ['', 'Ciao', { shortcut: 'needed' }],
  ['/', 'Ciao', { shortcut: 'needed' }],
  ['two words', ' ', { shortcut: 'spaces', text: 'textNeeded' }],
  ['x'.repeat(41), 'Ciao', { shortcut: 'long' }],
  ['/' + 'è'.repeat(40), 'Ciao', {}],
  ['hello', 'Ciao {{contact.nickname}}', { text: 'variables' }],
])('%s with “%s”', (shortcut, text, wrong) => {
  expect(wrongWith(shortcut, text)).toEqual(wrong);
});

test('a leading slash is left out, others stay', () => {
  expect(shortcutOf(' /a/b ')).toBe('a/b');
});

test('each unknown variable is named once', () => {
  expect(unknownVariables('{{a}} {{member.name}} {{a}} {{}} {b}')).toEqual(['a', '']);
});
