/** The conversations this app knows, kept current by the stream, and the views over them. */
import { SvelteMap } from 'svelte/reactivity';
import type { ChangeOutcome, Contact, Conversation, ConversationChange, Message, Page, SavedView } from '../api/model';
import type { Query } from '../api/parloir';
import { Problem } from '../api/problem';
import { newest, type Held } from '../live/held';
import { changed, reversals, type Reversal } from './change';
import { queryOf, shows, type Filter } from './filter';
import { compare, movedAt, placeOf, type Place } from './order';
import { filterFor, type View } from './views';

/** What the inbox asks of the server. */
export interface Source {
  conversations(query: Query): Promise<Page<Conversation>>;
  conversation(id: string): Promise<Conversation>;
  changeConversation(id: string, change: ConversationChange): Promise<Conversation>;
  changeConversations(ids: readonly string[], change: ConversationChange): Promise<ChangeOutcome[]>;
}

interface Loaded {
  /** Cursor of the next page; null when everything is here. */
  next: string | null;
  /** How far the pages reached: what comes after is known only by chance and not shown, or the list would have holes. */
  edge: Place | null;
}

/** As many as the server changes at once. */
const AT_ONCE = 100;

export class Inbox {
  /** Not a reactive map: reading thousands of entries, each a signal of its own, would take longer than showing them. */
  #held = new Map<string, Held<Conversation>>();
  #version = $state(0);
  #views = new SvelteMap<View, Loaded>();
  #refined = new SvelteMap<View, Filter>();
  #loading = new Map<View, Promise<void>>();
  #fetching = new Map<string, Promise<void>>();
  /** The views that members saved. */
  saved = $state<SavedView[]>([]);
  problem = $state<Problem | null>(null);

  constructor(
    private readonly api: Source,
    /** Number of the last live event seen. */
    private readonly seq: () => number,
    private readonly me: () => string,
  ) {}

  get(id: string): Conversation | undefined {
    void this.#version;
    return this.#held.get(id)?.value;
  }

  /** What a view shows now: its own filter with what was added to it. */
  filter(view: View): Filter {
    return { ...filterFor(view, this.saved), ...this.#refined.get(view) };
  }

  /** What was added to a view's own filter. */
  refinement(view: View): Filter {
    return this.#refined.get(view) ?? {};
  }

  /** Shows less of a view, or in another order; an empty filter shows it as it is. */
  refine(view: View, filter: Filter): void {
    if (Object.keys(filter).length > 0) this.#refined.set(view, filter);
    else this.#refined.delete(view);
    this.forgetPages(view);
  }

  /** A view means something else now. */
  forgetPages(view: View): void {
    this.#views.delete(view);
    this.#loading.delete(view);
  }

  list(view: View): Conversation[] {
    const filter = this.filter(view);
    const edge = this.#views.get(view)?.edge ?? null;
    const sort = filter.sort ?? 'active';
    const me = this.me();
    void this.#version;
    const placed: { place: Place; one: Conversation }[] = [];
    for (const { value: one } of this.#held.values()) {
      if (!shows(filter, one, me)) continue;
      const place = placeOf(sort, one);
      if (!edge || compare(place, edge) <= 0) placed.push({ place, one });
    }
    return placed.sort((a, b) => compare(a.place, b.place)).map(({ one }) => one);
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
    this.#hold(conversation.id, newest(this.#held.get(conversation.id), conversation, seq));
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
    if (isNew && message.mention_ids.includes(this.me())) Object.assign(moved, { mentioned: true, mention_unseen: true });
    this.#hold(value.id, { value: moved, seq: Math.max(held.seq, seq) });
  }

  /** The notes that name this member were read. */
  sawMentions(id: string): void {
    const held = this.#held.get(id);
    if (held?.value.mention_unseen) this.#hold(id, { ...held, value: { ...held.value, mention_unseen: false } });
  }

  #hold(id: string, held: Held<Conversation>): void {
    this.#held.set(id, held);
    this.#version += 1;
  }

  #drop(id: string): void {
    this.#held.delete(id);
    this.#version += 1;
  }

  contactChanged({ id: contact, name }: Pick<Contact, 'id' | 'name'>): void {
    for (const [id, held] of this.#held) {
      if (held.value.contact?.id !== contact) continue;
      this.#hold(id, { ...held, value: { ...held.value, contact: { id: contact, name } } });
    }
  }

  /** Forgets everything about an erased contact; answers the conversations that are gone. */
  contactErased(contact: string): string[] {
    const gone = [...this.#held.values()].filter((held) => held.value.contact?.id === contact).map((held) => held.value.id);
    for (const id of gone) this.#drop(id);
    return gone;
  }

  /** Loads a view's first page, or with `more` what follows. */
  load(view: View, more = false): Promise<void> {
    const running = this.#loading.get(view);
    if (running) return running;
    const call: Promise<void> = this.#page(view, more).finally(() => {
      if (this.#loading.get(view) === call) this.#loading.delete(view);
    });
    this.#loading.set(view, call);
    return call;
  }

  async #page(view: View, more: boolean): Promise<void> {
    const before = this.#views.get(view);
    if (more && !before?.next) return;
    const asOf = this.seq();
    const cursor = (more && before?.next) || undefined;
    const filter = this.filter(view);
    const asked = JSON.stringify(filter);
    try {
      const page = await this.api.conversations({ ...queryOf(filter), limit: 50, cursor });
      for (const conversation of page.data) this.told(conversation, asOf);
      // The answer to a question that nobody asks any more says nothing about how far the list reaches.
      if (asked !== JSON.stringify(this.filter(view))) return;
      const last = page.data.at(-1);
      const next = page.next ?? null;
      this.#views.set(view, { next, edge: next && last ? placeOf(filter.sort ?? 'active', last) : null });
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
    for (const other of [...this.#views.keys()]) if (other !== view) this.#views.delete(other);
    await this.load(view);
    if (this.problem) return;
    // What no page told again, and no event since, is either far down or gone.
    for (const [id, held] of before) {
      if (id !== keep && held.seq <= asOf && this.#held.get(id) === held) this.#drop(id);
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
        if (Problem.of(reason).status === 404) this.#drop(id);
      })
      .finally(() => this.#fetching.delete(id));
    this.#fetching.set(id, call);
    return call;
  }

  /** Shows the change at once, and takes it back if the server refuses it. */
  async change(id: string, change: ConversationChange): Promise<void> {
    const asOf = this.seq();
    const undo = this.#foresee(id, change);
    try {
      this.told(await this.api.changeConversation(id, change), asOf);
    } catch (reason) {
      undo();
      throw reason;
    }
  }

  /** The same for many. Answers what would bring back how they were; what the server refused is as it was already. */
  async changeMany(ids: readonly string[], change: ConversationChange): Promise<{ undo: Reversal[]; refused: ChangeOutcome[] }> {
    const undos = new Map(ids.map((id) => [id, this.#foresee(id, change)]));
    const outcomes: ChangeOutcome[] = [];
    try {
      for (let at = 0; at < ids.length; at += AT_ONCE) outcomes.push(...(await this.api.changeConversations(ids.slice(at, at + AT_ONCE), change)));
    } catch (reason) {
      const told = new Set(outcomes.map((one) => one.id));
      for (const [id, undo] of undos) if (!told.has(id)) undo();
      if (outcomes.length === 0) throw reason;
    }
    const refused = outcomes.filter((one) => one.problem);
    for (const { id } of refused) undos.get(id)?.();
    return { undo: reversals(outcomes, change), refused };
  }

  /** Brings back how conversations were before. */
  async undo(reversals: readonly Reversal[]): Promise<void> {
    for (const { ids, change } of reversals) await this.changeMany(ids, change);
  }

  /** Shows what a change will come to; answers how to take that back, unless something newer has been told since. */
  #foresee(id: string, change: ConversationChange): () => void {
    const held = this.#held.get(id);
    if (!held) return () => undefined;
    const foreseen = { value: changed(held.value, change), seq: held.seq };
    this.#hold(id, foreseen);
    return () => {
      if (this.#held.get(id) === foreseen) this.#hold(id, held);
    };
  }
}
