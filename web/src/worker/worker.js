/**
 * The service worker: keeps the app's own files, so that it opens at once and without a connection, and tells that something is there while the app is
 * closed. It keeps nothing of anybody's data and does not touch a call to the API.
 *
 * Written as it runs: the build (`worker/plugin.ts`) only puts in the two constants.
 */

/** Every file of this version, by the path under which the app finds it. Their names tell their contents, except for the page itself. */
const FILES = __FILES__;
const CACHE = `parloir-${__VERSION__}`;
const PAGE = './';
/** Where the words of a notice are, in the member's language; put there by the app. */
const WORDS = './words';
const OURS = 'parloir-';
const SPOKEN = 'parloir-words';

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll([new Request(PAGE, { cache: 'reload' }), ...FILES.map((file) => new Request(file, { cache: 'force-cache' }))])),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith(OURS) && name !== CACHE && name !== SPOKEN).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  const page = new URL(PAGE, self.registration.scope);
  if (request.mode === 'navigate' && url.pathname === page.pathname) event.respondWith(fresh(request));
  else if (FILES.some((file) => new URL(file, page).pathname === url.pathname)) event.respondWith(kept(request));
});

/** The page as the server has it now; the kept one when there is no server to be reached. */
async function fresh(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok || answer.type === 'opaqueredirect') return answer;
    return (await caches.match(PAGE, { cacheName: CACHE, ignoreVary: true })) ?? answer;
  } catch (reason) {
    const page = await caches.match(PAGE, { cacheName: CACHE, ignoreVary: true });
    if (page) return page;
    throw reason;
  }
}

/** Whatever a server says its answers vary by: these files are the same for everybody. */
async function kept(request) {
  return (await caches.match(request, { cacheName: CACHE, ignoreSearch: true, ignoreVary: true })) ?? fetch(request);
}

self.addEventListener('message', (event) => {
  if (event.data === 'take over') event.waitUntil(self.skipWaiting());
  else if (event.data?.words) event.waitUntil(caches.open(SPOKEN).then((cache) => cache.put(WORDS, new Response(JSON.stringify(event.data.words)))));
});

self.addEventListener('push', (event) => event.waitUntil(tell()));

/** What arrives is empty. Whoever has the app before them sees what it is about there. */
async function tell() {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (windows.some((window) => window.visibilityState === 'visible' && window.focused)) return;
  const spoken = await caches.match(WORDS, { cacheName: SPOKEN });
  const words = spoken ? await spoken.json() : { title: 'Parloir', body: '' };
  await self.registration.showNotification(words.title, { body: words.body, tag: 'parloir', icon: './icon-192.png', badge: './badge-96.png', renotify: true });
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((windows) => (windows[0] ? windows[0].focus() : self.clients.openWindow(PAGE))),
  );
});
