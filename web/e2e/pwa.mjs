// The app as one that is installed: it can be, it opens when the server is away and says so, and a push tells that something is there and
// nothing else.
//   node e2e/pwa.mjs PROGRAM
// The program has the members' app in it.
import { join } from 'node:path';
import { accessible } from './accessible.mjs';
import { ended, insist, step, until } from './steps.mjs';
import { Server } from './walk/server.mjs';
import { launchKept, signIn } from '../scripts/browser.mjs';
import { rest } from '../scripts/rest.mjs';

const LONG = 30_000;
const server = await Server.open(process.argv[2]);
const { url, member } = server;
const call = await rest({ url, ...member });

// Not a private window: nothing is installed in one.
const context = await launchKept(join(server.folder, 'browser'), { locale: 'en-GB', viewport: { width: 1100, height: 800 } });
await context.grantPermissions(['notifications'], { origin: url });
const page = context.pages()[0] ?? (await context.newPage());
page.setDefaultTimeout(LONG);
const tools = await context.newCDPSession(page);
const worker = () => context.serviceWorkers().find((one) => one.url() === `${url}/sw.js`);

await step('a browser finds nothing that keeps it from being installed', async () => {
  await signIn(page, { url, ...member });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  const manifest = await tools.send('Page.getAppManifest');
  insist(manifest.errors.length === 0, JSON.stringify(manifest.errors));
  const told = JSON.parse(manifest.data);
  insist(told.display === 'standalone' && told.name === 'Parloir' && told.icons.some(({ purpose }) => purpose === 'maskable'), manifest.data);
  for (const { src, sizes } of told.icons.filter(({ type }) => type === 'image/png')) {
    const size = await page.evaluate(async (address) => {
      const picture = await createImageBitmap(await (await fetch(address)).blob());
      return `${picture.width}x${picture.height}`;
    }, new URL(src, url).href);
    insist(size === sizes, `${src} is ${size}`);
  }
  const { installabilityErrors } = await tools.send('Page.getInstallabilityErrors');
  insist(installabilityErrors.length === 0, JSON.stringify(installabilityErrors));
});

await step('when the server is away it opens all the same, says so, and goes on by itself', async () => {
  await page.reload();
  await until('the worker stands behind the page', () => page.evaluate(() => navigator.serviceWorker.controller !== null), LONG);
  await server.kill();
  await page.reload();
  await page.getByRole('heading', { name: 'The server cannot be reached' }).waitFor();
  await accessible(page);
  // Nothing of anybody is kept in the browser.
  const kept = await page.evaluate(async () => {
    const all = [];
    for (const name of await caches.keys()) all.push(...(await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname));
    return all;
  });
  insist(kept.length > 5 && kept.every((path) => !path.startsWith('/api/')), kept.join());
  await server.start();
  await page.getByRole('navigation', { name: 'Workspace' }).getByRole('link', { name: 'Inbox' }).waitFor();
});

await step('notifications are turned on in the settings; where no push service answers, that is said', async () => {
  await page.goto(`${url}/#/settings/profile`);
  await page.getByText('Off in this browser.').waitFor();
  // There is none that this browser could reach, which it would try for minutes.
  await page.evaluate(() => (PushManager.prototype.subscribe = () => Promise.reject(new DOMException('Registration failed - push service error', 'AbortError'))));
  await page.getByRole('button', { name: 'Turn on in this browser' }).click();
  await page.getByText('The browser’s push service did not answer.').waitFor();
  await accessible(page);
  // One that answers, as browsers' makers run them.
  await page.evaluate(() => {
    const subscription = { endpoint: 'https://updates.push.services.mozilla.com/wpush/v2/a-browser-test', unsubscribe: async () => ((globalThis.subscribed = false), true) };
    PushManager.prototype.subscribe = async (options) => ((globalThis.asked = options), (globalThis.subscribed = true), subscription);
    PushManager.prototype.getSubscription = async () => (globalThis.subscribed ? subscription : null);
  });
  await page.getByRole('button', { name: 'Turn on in this browser' }).click();
  await page.getByText('On in this browser.').waitFor();
  const asked = await page.evaluate(() => ({ visible: globalThis.asked.userVisibleOnly, key: globalThis.asked.applicationServerKey }));
  insist(asked.visible && asked.key === (await call('GET', '/push/key')).key, JSON.stringify(asked));
  await page.getByRole('switch', { name: 'Also what nobody has taken' }).click();
  await until('the server knows', async () => (await call('GET', '/push/subscriptions')).data.some(({ endpoint, unassigned }) => endpoint.endsWith('a-browser-test') && unassigned));
  await accessible(page);
  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByText('Off in this browser.').waitFor();
  insist((await call('GET', '/push/subscriptions')).data.length === 0, 'The server still knows it.');
});

await step('a push says that something is there, not what; whoever presses it is in the inbox', async () => {
  await page.goto('about:blank');
  const registration = new Promise((found) => tools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && found(registrations[0].registrationId)));
  await tools.send('ServiceWorker.enable');
  await tools.send('ServiceWorker.deliverPushMessage', { origin: url, registrationId: await registration, data: 'Sofia Ferri: my order 1042' });
  const shown = () => worker()?.evaluate(async () => (await self.registration.getNotifications()).map(({ title, body, data }) => ({ title, body, data })));
  const [notice, ...others] = await until('a notice is shown', async () => ((await shown()) ?? []).length > 0 && (await shown()));
  insist(others.length === 0 && notice.title === 'Something new for you' && notice.body === 'Open Parloir to see it.' && !notice.data, JSON.stringify(notice));
  // Windows open for a real press alone, which nobody gives here: what would be opened is noted in place of it.
  const opened = await worker().evaluate(async () => {
    const opened = [];
    self.clients.openWindow = async (address) => void opened.push(new URL(address, self.registration.scope).href);
    const [notification] = await self.registration.getNotifications();
    const waits = [];
    const event = new NotificationEvent('notificationclick', { notification });
    event.waitUntil = (what) => waits.push(what);
    self.dispatchEvent(event);
    await Promise.all(waits);
    return { opened, left: (await self.registration.getNotifications()).length };
  });
  insist(opened.opened.join() === `${url}/` && opened.left === 0, JSON.stringify(opened));
  await page.goto(opened.opened[0]);
  await page.waitForURL(/\/(#\/inbox.*)?$/);
  await page.locator('.list').waitFor();
});

await step('whoever has the app before them is not told', async () => {
  await page.bringToFront();
  await tools.send('Emulation.setFocusEmulationEnabled', { enabled: true });
  const words = await worker().evaluate(async () => {
    let shown = 0;
    const show = self.registration.showNotification.bind(self.registration);
    self.registration.showNotification = async (...given) => ((shown += 1), show(...given));
    const waits = [];
    const event = new ExtendableEvent('push');
    event.waitUntil = (what) => waits.push(what);
    const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    self.dispatchEvent(event);
    await Promise.all(waits);
    return { shown, focused: windows.some((window) => window.focused && window.visibilityState === 'visible') };
  });
  insist(words.focused && words.shown === 0, JSON.stringify(words));
});

await context.close();
await server.close();
ended();
