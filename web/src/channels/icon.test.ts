import { expect, test } from 'vitest';
import { publicAddress } from './icon';

test('a bot is written to under its own name, and nothing else is made an address', () => {
  expect(publicAddress({ kind: 'telegram', account: { id: '7', label: '@our_bot' } })).toBe('https://t.me/our_bot');
  expect(publicAddress({ kind: 'telegram', account: { id: '7', label: 'bot 7' } })).toBeNull();
  expect(publicAddress({ kind: 'telegram', account: { label: '@a/../b' } })).toBeNull();
  expect(publicAddress({ kind: 'web', account: { label: '@our_bot' } })).toBeNull();
});
