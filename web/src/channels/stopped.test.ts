import { expect, test } from 'vitest';
import { Aside, isStopped } from './stopped.svelte';

const store = (kept: Record<string, string> = {}) => ({ getItem: (key: string) => kept[key] ?? null, setItem: (key: string, value: string) => void (kept[key] = value) });
const shop = { id: 'chn_1', state_reason: 'reauthorise' };
const kiosk = { id: 'chn_2', state_reason: 'unreachable' };

test('a channel that is being connected has not stopped', () => {
  expect(isStopped({ state: 'needs_attention', state_reason: 'connecting' })).toBe(false);
  expect(isStopped({ state: 'needs_attention', state_reason: 'reauthorise' })).toBe(true);
  expect(isStopped({ state: 'ready', state_reason: null })).toBe(false);
  expect(isStopped({ state: 'off', state_reason: 'disconnected' })).toBe(false);
});

test('what was put aside stays so in this window, and another stop is not among it', () => {
  const window = store();
  const aside = new Aside(() => window);
  aside.put([shop]);
  expect([aside.has(shop), aside.has(kiosk)]).toEqual([true, false]);
  expect(new Aside(() => window).has(shop)).toBe(true);
  expect(new Aside(() => store()).has(shop)).toBe(false);
  expect(aside.has({ ...shop, state_reason: 'account_disabled' })).toBe(false);
});

test('what worked in between is told of again', () => {
  const aside = new Aside(() => store());
  aside.put([shop, kiosk]);
  aside.keep([kiosk]);
  expect([aside.has(shop), aside.has(kiosk)]).toEqual([false, true]);
});

test('without a place to keep it, it is kept while the page is there', () => {
  const none = () => {
    throw new Error('The browser keeps nothing');
  };
  const aside = new Aside(none);
  aside.put([shop]);
  expect(aside.has(shop)).toBe(true);
});
