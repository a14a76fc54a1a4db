/** The page's side of the service worker: starts it, hears of a new version, and tells it the words of a notice. */

const HOURLY = 60 * 60 * 1_000;

export interface Words {
  title: string;
  body: string;
}

/** `onnew` hears of a version that is ready, with what brings it in: the page is loaded anew. */
export async function begin(words: () => Words, onnew: (take: () => void) => void): Promise<void> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  const registration = await navigator.serviceWorker.register('./sw.js').catch(() => null);
  if (!registration) return;
  let taking = false;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // Only where somebody asked for it: elsewhere somebody may be writing.
    if (taking) location.reload();
  });
  const ready = (worker: ServiceWorker) => {
    // The very first has nothing to take over from.
    if (!navigator.serviceWorker.controller) return;
    onnew(() => {
      taking = true;
      worker.postMessage('take over');
    });
  };
  if (registration.waiting) ready(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => worker.state === 'installed' && ready(worker));
  });
  setInterval(() => void registration.update().catch(() => undefined), HOURLY);
  await speakTo(words());
}

export async function speakTo(words: Words): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration();
  (registration?.active ?? registration?.waiting ?? registration?.installing)?.postMessage({ words });
}
