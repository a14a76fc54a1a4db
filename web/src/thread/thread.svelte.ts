/** One conversation's messages: pages as they are loaded, live events as they come, and what this member is just sending. */
import { SvelteMap } from 'svelte/reactivity';
import type { Attachment, Message, NewMessage } from '../api/model';
import type { Parloir } from '../api/parloir';
import { Problem } from '../api/problem';
import { inOrder, settle, type HeldMessage } from './settle';

/** A message that the server has not confirmed yet. */
export interface Pending {
  /** Its idempotency key: a repetition cannot send twice. */
  readonly key: string;
  readonly text: string;
  readonly note: boolean;
  readonly attachments: Attachment[];
  readonly replyTo: Message | null;
  readonly createdAt: string;
  problem: Problem | null;
  /** The message that the live stream has already shown for it. */
  shownAs: string | null;
}

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
  loaded = $state(false);
  loading = $state(false);
  problem = $state<Problem | null>(null);
  #held = new SvelteMap<string, HeldMessage>();
  #sending = false;
  #again = false;

  messages = $derived([...this.#held.values()].map((held) => held.value).sort(inOrder));
  /** What has not been shown by the stream yet. */
  unconfirmed = $derived(this.pending.filter((one) => one.shownAs === null));

  constructor(
    readonly id: string,
    private readonly api: Pick<Parloir, 'messages' | 'send' | 'retry' | 'edit' | 'takeBack'>,
    /** Number of the last live event seen. */
    private readonly seq: () => number,
    private readonly clock: Clock,
  ) {}

  get(id: string): Message | undefined {
    return this.#held.get(id)?.value;
  }

  /** A version of a message, as of `seq`. */
  told(message: Message, seq: number): void {
    this.#held.set(message.id, settle(this.#held.get(message.id), message, seq));
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
    await this.#page(undefined, (page, asOf) => {
      // With nothing in common there may be a hole between what is held and this page.
      const joined = page.data.some((message) => this.#held.has(message.id));
      if (!joined) for (const [id, held] of this.#held) if (held.seq <= asOf) this.#held.delete(id);
      if (!joined || !this.loaded) this.next = page.next ?? null;
      this.loaded = true;
    });
  }

  /** Loads the page before the oldest message held. */
  async older(): Promise<void> {
    if (this.loading || !this.next) return;
    await this.#page(this.next, (page) => (this.next = page.next ?? null));
  }

  async #page(cursor: string | undefined, then: (page: { data: Message[]; next?: string | null }, asOf: number) => void) {
    this.loading = true;
    const asOf = this.seq();
    try {
      const page = await this.api.messages(this.id, cursor);
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

  send(text: string, note: boolean, attachments: Attachment[], replyTo: Message | null): void {
    this.pending.push({
      key: this.clock.key(), text, note, attachments, replyTo, createdAt: this.clock.now(), problem: null, shownAs: null,
    });
    void this.#flush();
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
    this.told(await this.api.send(this.id, { reaction }, this.clock.key()), asOf);
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
    this.pending = this.pending.filter((one) => one.key !== key);
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
      const message = await this.api.send(this.id, body(one), one.key);
      this.told(message, asOf);
      this.pending = this.pending.filter((other) => other.key !== one.key);
    } catch (reason) {
      one.problem = Problem.of(reason);
      // What the stream showed was another of this member's windows saying the same.
      one.shownAs = null;
    }
  }
}

function body(one: Pending): NewMessage {
  return {
    ...(one.text ? { text: one.text } : {}),
    ...(one.attachments.length ? { attachments: one.attachments.map((file) => file.id) } : {}),
    ...(one.note ? { note: true } : {}),
    ...(one.replyTo ? { reply_to: one.replyTo.id } : {}),
  };
}

function says(one: Pending, message: Message): boolean {
  return (
    one.note === (message.direction === 'note') &&
    one.text === (message.text ?? '') &&
    one.attachments.length === message.attachments.length
  );
}
