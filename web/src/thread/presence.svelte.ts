/** Who else has a conversation open, so that two do not answer at once; and the telling that this member has. */
import { SvelteMap } from 'svelte/reactivity';
import type { Presence } from '../api/model';

export type Doing = 'looking' | 'typing';
export type Present = Presence['members'][number];

/** The server forgets who has not said anything for 30 s. */
const RENEW = 20_000;
const FORGOTTEN = 35_000;

export class Presences {
  #by = new SvelteMap<string, Present[]>();
  #timers = new Map<string, ReturnType<typeof setTimeout>>();

  told({ conversation_id, members }: Presence, me: string): void {
    clearTimeout(this.#timers.get(conversation_id));
    const others = members.filter((member) => member.id !== me);
    if (others.length === 0) return void this.#by.delete(conversation_id);
    this.#by.set(conversation_id, others);
    this.#timers.set(conversation_id, setTimeout(() => this.#by.delete(conversation_id), FORGOTTEN));
  }

  in(conversation: string): Present[] {
    return this.#by.get(conversation) ?? [];
  }
}

/** Says what this member does in one conversation: when that changes, and again before it is forgotten. */
export class PresenceTeller {
  #doing: Doing | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly tell: (doing: Doing | 'left') => void) {}

  is(doing: Doing): void {
    if (this.#doing === doing) return;
    this.#doing = doing;
    this.tell(doing);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.tell(doing), RENEW);
  }

  left(): void {
    clearInterval(this.#timer);
    if (this.#doing === null) return;
    this.#doing = null;
    this.tell('left');
  }
}
