/**
 * One conversation's messages: pages as they are loaded, live events as they come, and what this member is just sending.
 *
 * What is shown has no holes: it is one stretch, from the oldest message of the pages loaded to the newest of all, or, after a jump
 * to an old one, to the newest of the pages loaded since. What the stream tells beyond that waits until its page is there.
 */
import type { Message, MessagePage, Scheduled } from '../api/model';
import type { Parloir } from '../api/parloir';
import { Problem } from '../api/problem';
import { orderOf, says, type Outgoing, type Pending } from './pending';
import { inOrder, settle, type HeldMessage } from './settle';

export type { Outgoing, Pending } from './pending';

export interface Clock {
  /** The time now, RFC 3339. */
  now: () => string;
  /** A fresh unique key. */
  key: () => string;
}

export class Thread {
  pending = $state<Pending[]>([]);
  /** Cursor of the next older page; null when the beginning is loaded. */
  next = $state<string | null>(null);
  /** Cursor of the next newer page; null when the end is loaded, as it is but after a jump back. */
  newer = $state<string | null>(null);
  loaded = $state(false);
  loading = $state(false);
  problem = $state<Problem | null>(null);
  /** The message whose text is being changed, and what is written so far. */
  editing = $state<{ id: string; text: string } | null>(null);
  /** What is shown ends here, while there is a newer page. */
  #until = $state(Infinity);
  /** Not a reactive map: reading thousands of entries, each a signal of its own, would take longer than showing them. */
  #held = new Map<string, HeldMessage>();
  #version = $state(0);
  /** What is shown, as it was made last: anew for each version, and not for each who looks. */
  #made: { version: number; until: number; all: Message[] } | null = null;
  #sending = false;
  #again = false;
  /** The page on its way. */
  #running: Promise<void> = Promise.resolve();
  #confirmed = new Map<string, (taken: Message | Scheduled | null) => void>();
  /** Is told what the server planned instead of sending. */
  onscheduled: (scheduled: Scheduled) => void = () => {};


  constructor(
    readonly id: string,
    private readonly api: Pick<Parloir, 'messages' | 'send' | 'retry' | 'edit' | 'takeBack'>,
    /** Number of the last live event seen. */
    private readonly seq: () => number,
    private readonly clock: Clock,
  ) {}

  get messages(): Message[] {
    const [version, until] = [this.#version, this.#until];
    if (this.#made?.version !== version || this.#made.until !== until) this.#made = { version, until, all: this.#shown(until) };
    return this.#made.all;
  }

  /** What has not been shown by the stream yet. */
  get unconfirmed(): Pending[] {
    return this.pending.filter((one) => one.shownAs === null);
  }

  get(id: string): Message | undefined {
    void this.#version;
    return this.#held.get(id)?.value;
  }

  #shown(until: number): Message[] {
    const all: Message[] = [];
    for (const { value } of this.#held.values()) if (value.seq <= until) all.push(value);
    return all.sort(inOrder);
  }

  /** A version of a message, as of `seq`. */
  told(message: Message, seq: number): void {
    this.#held.set(message.id, settle(this.#held.get(message.id), message, seq));
    this.#version += 1;
  }

  /** A message that is not there any more. */
  gone(id: string): void {
    if (this.#held.delete(id)) this.#version += 1;
  }

  /** A message seen for the first time, by the stream. `me` wrote what is pending. */
  arrived(message: Message, seq: number, me: string): void {
    const mine = message.direction !== 'incoming' && message.author.id === me && !this.#held.has(message.id);
    const match = mine && this.pending.find((one) => one.shownAs === null && !one.problem && says(one, message));
    if (match) match.shownAs = message.id;
    this.told(message, seq);
  }

  /** Loads the newest page; again, after events may have been missed. */
  async load(): Promise<void> {
    // A page already on its way may be older than what was missed.
    if (this.loading) {
      this.#again = true;
      return;
    }
    await this.#page({}, (page, asOf) => {
      // With nothing in common there may be a hole between what is held and this page.
      const joined = this.newer === null && page.data.some((message) => this.#held.has(message.id));
      if (!joined) this.#forget(asOf);
      if (!joined || !this.loaded) this.next = page.next ?? null;
      this.#reach(null);
      this.loaded = true;
    });
  }

  /** Loads the page before the oldest message held. */
  async older(): Promise<void> {
    if (this.loading) return this.#running;
    if (!this.next) return;
    await this.#page({ cursor: this.next, limit: 100 }, (page) => (this.next = page.next ?? null));
  }

  /** Loads the page after the newest message shown, where there is one. */
  async later(): Promise<void> {
    if (this.loading) return this.#running;
    if (!this.newer) return;
    await this.#page({ after: this.newer, limit: 100 }, (page) => this.#reach(page));
  }

  /** Makes sure that a message is among those shown, with what stands around it. */
  async goTo(id: string): Promise<void> {
    if (this.loading) await this.#running;
    const known = this.get(id);
    if (known && known.seq <= this.#until && this.loaded) return;
    await this.#page({ around: id }, (page, asOf) => {
      const joined = this.loaded && page.data.some((message) => this.#held.has(message.id)) && this.newer === null;
      if (joined) {
        this.next = page.next ?? null;
        return;
      }
      this.#forget(asOf);
      this.next = page.next ?? null;
      this.#reach(page);
      this.loaded = true;
    });
  }

  /** Nothing that was told up to then is held any more. */
  #forget(asOf: number): void {
    for (const [id, held] of this.#held) if (held.seq <= asOf) this.#held.delete(id);
    this.#version += 1;
  }

  /** What is shown ends with this page, unless nothing comes after it. */
  #reach(page: MessagePage | null): void {
    this.newer = page?.newer ?? null;
    this.#until = page && this.newer ? Math.max(...page.data.map((message) => message.seq)) : Infinity;
  }

  #page(where: { cursor?: string; after?: string; around?: string; limit?: number }, then: (page: MessagePage, asOf: number) => void): Promise<void> {
    this.#running = this.#ask(where, then);
    return this.#running;
  }

  async #ask(where: { cursor?: string; after?: string; around?: string; limit?: number }, then: (page: MessagePage, asOf: number) => void): Promise<void> {
    this.loading = true;
    const asOf = this.seq();
    try {
      const page = await this.api.messages(this.id, where);
      then(page, asOf);
      for (const message of page.data) this.told(message, asOf);
      this.problem = null;
    } catch (reason) {
      this.problem = Problem.of(reason);
    } finally {
      this.loading = false;
      if (this.#again) {
        this.#again = false;
        void this.load();
      }
    }
  }

  /** Answers, once it is known, what the server made of it; null when it was given up. */
  send(what: Outgoing): Promise<Message | Scheduled | null> {
    const key = this.clock.key();
    this.pending.push({ ...what, key, createdAt: this.clock.now(), problem: null, shownAs: null });
    const taken = new Promise<Message | Scheduled | null>((done) => this.#confirmed.set(key, done));
    void this.#flush();
    return taken;
  }

  /** Tries again what could not be sent; the same key goes with it. */
  retry(key?: string): void {
    for (const one of this.pending) if (one.problem && (key ? one.key === key : one.problem.passing)) one.problem = null;
    void this.#flush();
  }

  /** Sends once more a message that failed after the server took it. */
  async again(message: Message): Promise<void> {
    const asOf = this.seq();
    this.told(await this.api.retry(message.id), asOf);
  }

  /** Puts this member's reaction on a message; null takes it back. */
  async react(message: Message, emoji: string | null): Promise<void> {
    const asOf = this.seq();
    const reaction = { message_id: message.id, emoji };
    const told = await this.api.send(this.id, { reaction }, this.clock.key());
    if ('seq' in told) this.told(told, asOf);
  }

  /** Changes the text of what was sent. */
  async edit(message: Message, text: string): Promise<void> {
    const asOf = this.seq();
    this.told(await this.api.edit(message.id, text), asOf);
  }

  /** Takes back what was sent; a mark stays that something was here. */
  async takeBack(message: Message): Promise<void> {
    const asOf = this.seq();
    await this.api.takeBack(message.id);
    const latest = this.get(message.id) ?? message;
    this.told({ ...latest, text: null, attachments: [], removed_at: this.clock.now() }, asOf);
  }

  discard(key: string): Pending | undefined {
    const found = this.pending.find((one) => one.key === key);
    this.#settle(key, null);
    return found;
  }

  /** One after the other, so that nothing overtakes; what waits for a retry holds back what was written after it. */
  async #flush(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let one = this.#due(); one; one = this.#due()) await this.#deliver(one);
    } finally {
      this.#sending = false;
    }
  }

  #due(): Pending | undefined {
    const first = this.pending.find((one) => !one.problem || one.problem.passing);
    return first && !first.problem ? first : undefined;
  }

  async #deliver(one: Pending): Promise<void> {
    const asOf = this.seq();
    try {
      const told = await this.api.send(this.id, orderOf(one), one.key);
      if ('seq' in told) this.told(told, asOf);
      else this.onscheduled(told);
      this.#settle(one.key, told);
    } catch (reason) {
      one.problem = Problem.of(reason);
      // What the stream showed was another of this member's windows saying the same.
      one.shownAs = null;
    }
  }

  #settle(key: string, taken: Message | Scheduled | null): void {
    this.pending = this.pending.filter((one) => one.key !== key);
    this.#confirmed.get(key)?.(taken);
    this.#confirmed.delete(key);
  }
}
