import { readFileSync } from 'node:fs';
import { beforeEach, expect, test, vi } from 'vitest';

type Handler = (event: Record<string, unknown>) => void;
const script = readFileSync(new URL('./worker.js', import.meta.url), 'utf8').replace('__FILES__', JSON.stringify(['./assets/app-1a2b.js', './icon-192.png']));
const ORIGIN = 'https://parloir.example';

/** A browser around the worker: caches that tell what is in them, and a server that may be away. */
function browser(version: string, caches = new Map<string, Map<string, Response>>()) {
  const handlers = new Map<string, Handler>();
  const fetched: string[] = [];
  const shown: unknown[] = [];
  const state = { online: true, status: 200, windows: [] as object[] };
  const address = (request: Request | string) => new URL(typeof request === 'string' ? request : request.url, `${ORIGIN}/`).pathname;
  const store = {
    open: async (name: string) => {
      const cache = caches.get(name) ?? new Map<string, Response>();
      caches.set(name, cache);
      return {
        addAll: async (requests: Request[]) => { for (const one of requests) cache.set(address(one), new Response(`kept ${address(one)}`)); },
        put: async (request: string, response: Response) => void cache.set(address(request), response),
      };
    },
    keys: async () => [...caches.keys()],
    delete: async (name: string) => caches.delete(name),
    match: async (request: Request | string, { cacheName }: { cacheName: string }) => caches.get(cacheName)?.get(address(request))?.clone(),
  };
  class AskedFor {
    readonly url: string;
    constructor(path: string) { this.url = new URL(path, `${ORIGIN}/`).href; }
  }
  const fetch = async (request: Request) => {
    fetched.push(address(request));
    if (!state.online) throw new TypeError('offline');
    return new Response('from the server', { status: state.status });
  };
  const self = {
    addEventListener: (name: string, handler: Handler) => handlers.set(name, handler),
    clients: { claim: async () => undefined, matchAll: async () => state.windows, openWindow: vi.fn() },
    registration: { scope: `${ORIGIN}/`, showNotification: async (...words: unknown[]) => void shown.push(words) },
    skipWaiting: vi.fn(async () => undefined),
  };
  new Function('self', 'caches', 'fetch', 'Request', 'location', script.replace('__VERSION__', JSON.stringify(version)))(self, store, fetch, AskedFor, { origin: ORIGIN });
  const happen = async (name: string, event: Record<string, unknown> = {}) => {
    let done: unknown;
    handlers.get(name)?.({ waitUntil: (work: unknown) => (done = work), respondWith: (work: unknown) => (done = work), ...event });
    return (await done) as Response | undefined;
  };
  const get = (path: string, more: object = {}) => happen('fetch', { request: { method: 'GET', url: `${ORIGIN}${path}`, mode: 'no-cors', ...more } });
  return { caches, happen, get, fetched, shown, state, self };
}

let one: ReturnType<typeof browser>;
beforeEach(async () => {
  one = browser('v1');
  await one.happen('install');
});

test('only the app’s own files are kept', () => {
  expect([...one.caches.keys()]).toEqual(['parloir-v1']);
  expect([...(one.caches.get('parloir-v1')?.keys() ?? [])]).toEqual(['/', '/assets/app-1a2b.js', '/icon-192.png']);
});

test('a kept file comes without the server, and a call to the API never from here', async () => {
  expect(await (await one.get('/assets/app-1a2b.js'))?.text()).toBe('kept /assets/app-1a2b.js');
  expect(await one.get('/api/v1/me')).toBeUndefined();
  expect(await one.get('/assets/later-9f.js')).toBeUndefined();
  expect(await one.get('/', { mode: 'navigate', method: 'POST' })).toBeUndefined();
  expect(one.fetched).toEqual([]);
});

test('the page is the server’s while there is one, and the kept one while there is none', async () => {
  expect(await (await one.get('/', { mode: 'navigate' }))?.text()).toBe('from the server');
  one.state.status = 502;
  expect(await (await one.get('/', { mode: 'navigate' }))?.text()).toBe('kept /');
  one.state.online = false;
  expect(await (await one.get('/', { mode: 'navigate' }))?.text()).toBe('kept /');
});

test('a new version takes the place of the old one whole, and waits until it is asked to', async () => {
  const two = browser('v2', one.caches);
  await two.happen('install');
  expect(two.self.skipWaiting).not.toHaveBeenCalled();
  expect([...two.caches.keys()]).toEqual(['parloir-v1', 'parloir-v2']);
  await two.happen('message', { data: 'take over' });
  expect(two.self.skipWaiting).toHaveBeenCalledOnce();
  await two.happen('activate');
  expect([...two.caches.keys()]).toEqual(['parloir-v2']);
});

test('a notice says what the app told it to, and nothing of what it is about', async () => {
  await one.happen('message', { data: { words: { title: 'C’è qualcosa di nuovo', body: 'Apri Parloir.' } } });
  await one.happen('push', { data: { text: () => 'secret' } });
  expect(one.shown).toHaveLength(1);
  expect(JSON.stringify(one.shown)).toContain('C’è qualcosa di nuovo');
  expect(JSON.stringify(one.shown)).not.toContain('secret');
});

test('whoever has the app before them gets no notice', async () => {
  one.state.windows = [{ visibilityState: 'visible', focused: true }];
  await one.happen('push');
  expect(one.shown).toEqual([]);
});
