/** The conversations this app knows, kept current by the stream, and the views over them. */
import { SvelteMap } from 'svelte/reactivity';
import type { Contact, Conversation, ConversationChange, Message } from '../api/model';
import type { Parloir } from '../api/parloir';
import { Problem } from '../api/problem';
import { newest, type Held } from '../live/held';
import { byMovement, movedAt, queryOf, shows, VIEWS, type View } from './views';

interface Loaded {
  /** Cursor of the next page; null when everything is here. */
  next: string | null;
  /** The oldest moment a page reached: what is older is known only by chance and not shown, or the list would have holes. */
  edge: number;
}

export class Inbox {
  #held = new SvelteMap<string, Held<Conversation>>();
  #views = new SvelteMap<View, Loaded>();
  #loading = new Map<View, Promise<void>>();
  #fetching = new Map<string, Promise<void>>();
  problem = $state<Problem | null>(null);

  constructor(
    private readonly api: Pick<Parloir, 'conversations' | 'conversation' | 'changeConversation'>,
    /** Number of the last live event seen. */
    private readonly seq: () => number,
    private readonly me: () => string,
  ) {}

  get(id: string): Conversation | undefined {
    return this.#held.get(id)?.value;
  }

  list(view: View): Conversation[] {
    const loaded = this.#views.get(view);
    const edge = loaded?.next ? loaded.edge : 0;
    const me = this.me();
    const all = [...this.#held.values()].map((held) => held.value);
    return all.filter((one) => shows(view, one, me) && movedAt(one) >= edge).sort(byMovement);
  }

  /** How many conversations of a view have something unread, among those known. */
  unread(view: View): number {
    return this.list(view).filter((one) => one.unread_count > 0).length;
  }

  isLoaded(view: View): boolean {
    return this.#views.has(view);
  }

  hasMore(view: View): boolean {
    return Boolean(this.#views.get(view)?.next);
  }

  told(conversation: Conversation, seq: number): void {
    this.#held.set(conversation.id, newest(this.#held.get(conversation.id), conversation, seq));
  }

  /** A message was made or changed: preview, order and unread count follow at once. */
  heard(message: Message, seq: number, isNew: boolean): void {
    const held = this.#held.get(message.conversation_id);
    if (!held) return void this.fetch(message.conversation_id);
    const { value } = held;
    const last = value.last_message;
    const same = last?.id === message.id;
    const later = !last || last.seq < message.seq;
    if (!same && !(isNew && later)) return;
    const unread = isNew && !same && message.direction === 'incoming' ? value.unread_count + 1 : value.unread_count;
    const active_at = same || Date.parse(message.created_at) < movedAt(value) ? value.active_at : message.created_at;
    const moved = { ...value, last_message: message, unread_count: unread, active_at };
    this.#held.set(value.id, { value: moved, seq: Math.max(held.seq, seq) });
  }

  contactChanged({ id: contact, name }: Pick<Contact, 'id' | 'name'>): void {
    for (const [id, held] of this.#held) {
      if (held.value.contact?.id !== contact) continue;
      this.#held.set(id, { ...held, value: { ...held.value, contact: { id: contact, name } } });
    }
  }

  /** Forgets everything about an erased contact; answers the conversations that are gone. */
  contactErased(contact: string): string[] {
    const gone = [...this.#held.values()].filter((held) => held.value.contact?.id === contact).map((held) => held.value.id);
    for (const id of gone) this.#held.delete(id);
    return gone;
  }

  /** Loads a view's first page, or with `more` what follows. */
  load(view: View, more = false): Promise<void> {
    const running = this.#loading.get(view);
    if (running) return running;
    const call = this.#page(view, more).finally(() => this.#loading.delete(view));
    this.#loading.set(view, call);
    return call;
  }

  async #page(view: View, more: boolean): Promise<void> {
    const before = this.#views.get(view);
    if (more && !before?.next) return;
    const asOf = this.seq();
    const cursor = (more && before?.next) || undefined;
    try {
      const page = await this.api.conversations({ ...queryOf(view), limit: 50, cursor });
      for (const conversation of page.data) this.told(conversation, asOf);
      const oldest = page.data.at(-1);
      this.#views.set(view, { next: page.next ?? null, edge: oldest ? movedAt(oldest) : 0 });
      this.problem = null;
    } catch (reason) {
      this.problem = Problem.of(reason);
    }
  }

  /** Everything again, after events may have been missed. What is shown stays until the new is here. */
  async reload(view: View, keep: string | null): Promise<void> {
    // A page already on its way may be older than what was missed.
    await this.#loading.get(view);
    const before = new Map(this.#held);
    const asOf = this.seq();
    for (const other of VIEWS) if (other !== view) this.#views.delete(other);
    await this.load(view);
    if (this.problem) return;
    // What no page told again, and no event since, is either far down or gone.
    for (const [id, held] of before) {
      if (id !== keep && held.seq <= asOf && this.#held.get(id) === held) this.#held.delete(id);
    }
    if (keep) await this.fetch(keep);
  }

  /** Brings one conversation that no page has shown. */
  fetch(id: string): Promise<void> {
    const running = this.#fetching.get(id);
    if (running) return running;
    const asOf = this.seq();
    const call = this.api
      .conversation(id)
      .then((conversation) => this.told(conversation, asOf))
      .catch((reason: unknown) => {
        if (Problem.of(reason).status === 404) this.#held.delete(id);
      })
      .finally(() => this.#fetching.delete(id));
    this.#fetching.set(id, call);
    return call;
  }

  /** Shows the change at once, and takes it back if the server refuses it. */
  async change(id: string, change: ConversationChange): Promise<void> {
    const held = this.#held.get(id);
    const asOf = this.seq();
    if (held) this.#held.set(id, { value: applied(held.value, change), seq: held.seq });
    try {
      this.told(await this.api.changeConversation(id, change), asOf);
    } catch (reason) {
      if (held && this.#held.get(id)?.seq === held.seq) this.#held.set(id, held);
      throw reason;
    }
  }
}

function applied(conversation: Conversation, { read, ...change }: ConversationChange): Conversation {
  return { ...conversation, ...change, ...(read ? { unread_count: 0 } : {}) };
}
