// Several tabs of one website: one of them listens to the server and tells the others. When it goes, another takes over.
import { keyOf } from './look';

export class Tabs {
  #channel: BroadcastChannel | null = null;

  constructor(
    readonly name: string,
    heard: (what: string, detail: unknown) => void,
  ) {
    if (typeof BroadcastChannel === 'undefined') return;
    this.#channel = new BroadcastChannel(keyOf(name, 'tabs'));
    this.#channel.onmessage = ({ data }: MessageEvent<{ what: string; detail: unknown }>) => heard(data.what, data.detail);
  }

  tell(what: string, detail?: unknown): void {
    this.#channel?.postMessage({ what, detail });
  }

  /** Runs something while this tab, of all that have this session, is the one to listen; where tabs cannot agree, at once. */
  lead(session: string, stop: AbortSignal, run: () => Promise<void>): void {
    const agreed = navigator.locks as LockManager | undefined;
    const led = agreed ? agreed.request(keyOf(this.name, `lead:${session.slice(-24)}`), { signal: stop }, run) : run();
    // Stopped while it waited.
    void Promise.resolve(led).catch(() => {});
  }
}
