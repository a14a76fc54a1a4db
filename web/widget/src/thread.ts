// The conversation as this browser knows it. Pages and events may come in any order and more than once.
import type { Message, Pending } from './message';

export type Line = { kind: 'message'; key: string; message: Message; read: boolean } | { kind: 'pending'; key: string; pending: Pending };

export class Thread {
  #messages = new Map<string, Message>();
  #pending = new Map<string, Pending>();
  #readUpTo: string | null = null;
  #seen: string | null = null;
  loaded = false;

  constructor(readonly changed: () => void) {}

  /** A page of history takes the place of all that is known, but never of what came after it. */
  page(messages: Message[], readUpTo: string | null): void {
    for (const message of messages) this.#put(message);
    this.#readUpTo = readUpTo ?? this.#readUpTo;
    this.loaded = true;
    this.changed();
  }

  put(message: Message): void {
    this.#put(message);
    this.changed();
  }

  #put(message: Message): void {
    const known = this.#messages.get(message.id);
    this.#messages.set(message.id, known ? later(known, message) : message);
    if (message.client_id) this.#pending.delete(message.client_id);
  }

  read(upTo: string): void {
    this.#readUpTo = upTo;
    this.changed();
  }

  await(pending: Pending): void {
    if (![...this.#messages.values()].some((message) => message.client_id === pending.id)) this.#pending.set(pending.id, pending);
    this.changed();
  }

  drop(id: string): void {
    if (this.#pending.delete(id)) this.changed();
  }

  clear(): void {
    this.#messages.clear();
    this.#pending.clear();
    this.#readUpTo = this.#seen = null;
    this.loaded = false;
    this.changed();
  }

  get(id: string): Message | undefined {
    return this.#messages.get(id);
  }

  sorted(): Message[] {
    return [...this.#messages.values()].sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : a.id < b.id ? -1 : 1));
  }

  /** What is shown, oldest first: what was said, then what is on its way. */
  lines(): Line[] {
    const messages = this.sorted();
    const read = messages.findIndex((message) => message.id === this.#readUpTo);
    const said = messages.map<Line>((message, at) => ({ kind: 'message', key: message.client_id ?? message.id, message, read: message.direction === 'incoming' && at <= read }));
    const pending = [...this.#pending.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
    return [...said, ...pending.map<Line>((one) => ({ kind: 'pending', key: one.id, pending: one }))];
  }

  /** The last message of a member. */
  lastHeard(): string | null {
    return this.sorted().findLast((message) => message.direction === 'outgoing')?.id ?? null;
  }

  seen(id: string | null): void {
    this.#seen = id;
    this.changed();
  }

  /** How many of the members' messages came after what was seen. */
  unread(): number {
    const heard = this.sorted().filter((message) => message.direction === 'outgoing');
    return heard.length - 1 - heard.findIndex((message) => message.id === this.#seen);
  }

  /** The first message that was not seen yet. */
  firstUnread(): string | null {
    const heard = this.sorted().filter((message) => message.direction === 'outgoing');
    return heard[heard.findIndex((message) => message.id === this.#seen) + 1]?.id ?? null;
  }
}

/** Of two versions of one message the one that was changed last. Removed is for good, and files are only ever completed. */
function later(one: Message, other: Message): Message {
  if (one.removed_at !== other.removed_at) return one.removed_at ? one : other;
  if (one.edited_at !== other.edited_at) return (one.edited_at ?? '') > (other.edited_at ?? '') ? one : other;
  const settled = (message: Message) => message.attachments.filter((file) => file.state !== 'pending').length;
  return settled(one) > settled(other) ? one : other;
}
