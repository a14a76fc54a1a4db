/** Channels that stopped, and which of them the member has put aside: in this window, until it is closed. A stop that comes later is none of those. */
import type { Channel } from '../api/model';

const KEY = 'parloir.aside';

/** Whether something is to be done about it. Whoever connects a channel waits for that, and need not be told. */
export function isStopped(channel: Pick<Channel, 'state' | 'state_reason'>): boolean {
  return channel.state === 'needs_attention' && channel.state_reason !== 'connecting';
}

type Stopped = Pick<Channel, 'id' | 'state_reason'>;

export class Aside {
  #stops = $state.raw<readonly string[]>([]);

  constructor(private readonly store: () => Pick<Storage, 'getItem' | 'setItem'> = () => sessionStorage) {
    this.#stops = this.#kept();
  }

  has(channel: Stopped): boolean {
    return this.#stops.includes(named(channel));
  }

  put(channels: readonly Stopped[]): void {
    this.#keep([...this.#stops, ...channels.map(named)]);
  }

  /** What works again is forgotten: when it stops once more, that is news. */
  keep(stopped: readonly Stopped[]): void {
    const now = stopped.map(named);
    if (this.#stops.some((stop) => !now.includes(stop))) this.#keep(this.#stops.filter((stop) => now.includes(stop)));
  }

  #kept(): string[] {
    try {
      return this.store().getItem(KEY)?.split(' ').filter(Boolean) ?? [];
    } catch {
      return [];
    }
  }

  #keep(stops: readonly string[]): void {
    this.#stops = [...new Set(stops)];
    try {
      this.store().setItem(KEY, this.#stops.join(' '));
    } catch {
      // A browser that keeps nothing shows it again when the page is loaded anew.
    }
  }
}

/** A channel that stops for another reason is told of again. */
function named({ id, state_reason }: Stopped): string {
  return `${id}:${state_reason ?? ''}`;
}
