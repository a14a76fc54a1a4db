/**
 * Being told when the app is closed: Web Push by the platform itself (RFC 8030, 8291, 8292). What arrives says nothing of anybody; the browser's push
 * service learns only that something is there.
 */
import type { Account } from '../api/account';
import { Problem } from '../api/problem';

/** `insecure`: browsers only do this over https. `absent`: this server cannot. `denied`: only the browser's own settings can change that. */
export type PushState = 'unknown' | 'unsupported' | 'insecure' | 'absent' | 'denied' | 'off' | 'on';

export interface Browser {
  secure: boolean;
  able: boolean;
  permission(): NotificationPermission;
  ask(): Promise<NotificationPermission>;
  /** The app's service worker; undefined while there is none. */
  registration(): Promise<Pick<ServiceWorkerRegistration, 'pushManager'> | undefined>;
}

export class Push {
  state = $state<PushState>('unknown');
  busy = $state(false);
  /** Whether it tells of what nobody is assigned to, too. */
  unassigned = $state(false);

  constructor(
    private readonly api: Pick<Account, 'pushKey' | 'pushSubscriptions' | 'subscribe' | 'unsubscribe'>,
    private readonly browser: Browser = BROWSER,
  ) {}

  async look(): Promise<void> {
    if (!this.browser.secure) return void (this.state = 'insecure');
    if (!this.browser.able) return void (this.state = 'unsupported');
    if (this.browser.permission() === 'denied') return void (this.state = 'denied');
    const registration = await this.browser.registration();
    if (!registration) return void (this.state = 'unsupported');
    const known = await registration.pushManager.getSubscription().catch(() => null);
    this.state = known && this.browser.permission() === 'granted' ? 'on' : 'off';
    if (this.state === 'off' && !(await this.#key())) this.state = 'absent';
    if (this.state === 'on') this.unassigned = (await this.#mine(known?.endpoint))?.unassigned ?? false;
  }

  /** From a press of a button, or browsers refuse to ask. Throws what the server or the push service said. */
  async turnOn(): Promise<void> {
    await this.#while(async () => {
      if ((await this.browser.ask()) !== 'granted') return void (this.state = this.browser.permission() === 'denied' ? 'denied' : 'off');
      const [registration, key] = [await this.browser.registration(), await this.#key()];
      if (!registration || !key) return void (this.state = key ? 'unsupported' : 'absent');
      const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      try {
        await this.api.subscribe(subscription.endpoint, this.unassigned);
      } catch (reason) {
        // Nobody would ever send there.
        await subscription.unsubscribe();
        throw reason;
      }
      this.state = 'on';
    });
  }

  async turnOff(): Promise<void> {
    await this.#while(async () => {
      const subscription = await (await this.browser.registration())?.pushManager.getSubscription();
      if (subscription) {
        const mine = await this.#mine(subscription.endpoint);
        // First here: whatever becomes of the server's answer, nothing arrives any more, and the push service tells the server so.
        await subscription.unsubscribe();
        if (mine) await this.api.unsubscribe(mine.id);
      }
      this.state = 'off';
    });
  }

  /** Tells of what nobody is assigned to, too, or does not any more. */
  async tellUnassigned(on: boolean): Promise<void> {
    await this.#while(async () => {
      const subscription = await (await this.browser.registration())?.pushManager.getSubscription();
      if (subscription) await this.api.subscribe(subscription.endpoint, on);
      this.unassigned = on;
    });
  }

  /** This browser, as the server knows it. */
  async #mine(endpoint: string | undefined) {
    const known = await this.api.pushSubscriptions().catch(() => []);
    return known.find((one) => one.endpoint === endpoint);
  }

  async #while(run: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await run();
    } finally {
      this.busy = false;
    }
  }

  /** Null where the server has none. */
  async #key(): Promise<string | null> {
    try {
      return await this.api.pushKey();
    } catch (reason) {
      if ([404, 501].includes(Problem.of(reason).status)) return null;
      throw reason;
    }
  }
}

const BROWSER: Browser = {
  get secure() {
    return globalThis.isSecureContext;
  },
  get able() {
    return 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;
  },
  permission: () => Notification.permission,
  ask: () => Notification.requestPermission(),
  registration: () => navigator.serviceWorker.getRegistration(),
};
