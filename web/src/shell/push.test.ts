import { expect, test, vi } from 'vitest';
import { Problem } from '../api/problem';
import { Push, type Browser } from './push.svelte';

function stage(change: { permission?: NotificationPermission; answer?: NotificationPermission; subscribed?: boolean; key?: () => Promise<string>; refuse?: Problem } = {}) {
  let permission = change.permission ?? 'default';
  let subscription: { endpoint: string; toJSON: () => object; unsubscribe: () => Promise<boolean> } | null = null;
  const unsubscribe = vi.fn(async () => { subscription = null; return true; });
  const make = () => (subscription = { endpoint: 'https://push.example/1', toJSON: () => ({ endpoint: 'https://push.example/1', keys: {} }), unsubscribe });
  if (change.subscribed) make();
  const browser: Browser = {
    secure: true,
    able: true,
    permission: () => permission,
    ask: async () => (permission = change.answer ?? 'granted'),
    registration: async () => ({ pushManager: { getSubscription: async () => subscription, subscribe: async () => make() } }) as unknown as ServiceWorkerRegistration,
  };
  const api = {
    pushKey: change.key ?? (async () => 'BKey'),
    pushSubscriptions: async () => [{ id: 'psh_1', endpoint: 'https://push.example/1', unassigned: true, created_at: '' }],
    subscribe: vi.fn(async () => { if (change.refuse) throw change.refuse; return { id: 'psh_1', endpoint: '', unassigned: false, created_at: '' }; }),
    unsubscribe: vi.fn(async () => undefined),
  };
  return { push: new Push(api, browser), api, unsubscribe };
}

test('it is switched on and off again, here and on the server', async () => {
  const { push, api, unsubscribe } = stage();
  await push.look();
  expect(push.state).toBe('off');
  await push.turnOn();
  expect(push.state).toBe('on');
  expect(api.subscribe).toHaveBeenCalledWith('https://push.example/1', false);
  await push.tellUnassigned(true);
  expect(api.subscribe).toHaveBeenLastCalledWith('https://push.example/1', true);
  await push.turnOff();
  expect(push.state).toBe('off');
  expect(unsubscribe).toHaveBeenCalledOnce();
  expect(api.unsubscribe).toHaveBeenCalledWith('psh_1');
});

test('a server without it is said to be without it', async () => {
  const { push } = stage({ key: async () => { throw new Problem(404, 'not_found', ''); } });
  await push.look();
  expect(push.state).toBe('absent');
});

test('whoever says no is not asked again', async () => {
  const { push, api } = stage({ answer: 'denied' });
  await push.look();
  await push.turnOn();
  expect(push.state).toBe('denied');
  expect(api.subscribe).not.toHaveBeenCalled();
});

test('what the server refuses is not left behind in the browser', async () => {
  const { push, unsubscribe } = stage({ refuse: new Problem(503, 'busy', 'Later.') });
  await push.look();
  await expect(push.turnOn()).rejects.toThrow('Later.');
  expect(unsubscribe).toHaveBeenCalledOnce();
  expect(push.state).toBe('off');
  expect(push.busy).toBe(false);
});

test('a subscription from before is on', async () => {
  const { push } = stage({ permission: 'granted', subscribed: true });
  await push.look();
  expect([push.state, push.unassigned]).toEqual(['on', true]);
});
