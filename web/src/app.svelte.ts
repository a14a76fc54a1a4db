/** The app put together: what it knows, and how the live stream changes it. */
import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Contact, Conversation, LiveEvent, Member, Message, Typing } from './api/model';
import { Parloir } from './api/parloir';
import { Problem } from './api/problem';
import { Channels } from './channels/channels.svelte';
import { Drafts } from './composer/drafts.svelte';
import { Inbox } from './inbox/inbox.svelte';
import { Stream } from './live/stream.svelte';
import { TypingSignals } from './live/typing.svelte';
import { Session } from './session/session.svelte';
import { Clock } from './shell/clock.svelte';
import { freshKey } from './api/key';
import { Notices } from './shell/notices.svelte';
import { Route } from './shell/route.svelte';
import { ThemeChoice } from './shell/theme.svelte';
import { Thread } from './thread/thread.svelte';

export class App {
  readonly api = new Parloir();
  readonly session = new Session(this.api);
  readonly route = new Route();
  readonly theme = new ThemeChoice();
  readonly notices = new Notices();
  readonly clock = new Clock();
  readonly drafts = new Drafts();
  readonly typing = new TypingSignals();
  readonly channels = new Channels(this.api);
  readonly inbox = new Inbox(this.api, () => this.stream?.seq ?? 0, () => this.session.memberId);
  /** Spoken by screen readers. */
  announcement = $state('');
  members = $state<Member[]>([]);
  stream = $state<Stream | null>(null);
  #threads = new SvelteMap<string, Thread>();

  constructor() {
    this.api.onSignedOut = () => this.ended();
  }

  /** What is needed from the moment somebody is signed in. */
  async begin(): Promise<void> {
    this.stream = new Stream({
      event: (event) => this.#live(event),
      reset: () => void this.#reload(),
      signedOut: () => this.ended(),
    });
    void this.stream.run();
    await Promise.allSettled([
      this.inbox.load(this.route.view),
      this.channels.load(),
      this.channels.loadKinds(),
      this.api.members().then((page) => (this.members = page.data)),
    ]);
  }

  async signOut(): Promise<void> {
    await this.session.signOut();
    this.ended();
  }

  /** Nothing that one member saw may be there for the next who signs in: the page starts anew. */
  ended(): void {
    this.stream?.stop();
    this.stream = null;
    this.session.ended();
    if (this.#threads.size > 0 || this.members.length > 0) location.reload();
  }

  thread(id: string): Thread {
    const known = this.#threads.get(id);
    if (known) return known;
    const clock = { now: () => this.clock.moment(), key: freshKey };
    const thread = new Thread(id, this.api, () => this.stream?.seq ?? 0, clock);
    this.#threads.set(id, thread);
    return thread;
  }

  memberName(id: string | null | undefined): string | undefined {
    return id ? this.members.find((member) => member.id === id)?.name : undefined;
  }

  /** Runs a change and says so when the server refuses it. */
  async attempt(change: Promise<unknown>, done?: string): Promise<boolean> {
    try {
      await change;
      if (done) this.notices.done(done);
      return true;
    } catch (reason) {
      this.notices.wrong(Problem.of(reason).message);
      return false;
    }
  }

  /** Resolving goes on to the next conversation of the list, as one works it off. */
  async resolveOrReopen(id: string): Promise<void> {
    const open = this.inbox.get(id)?.status !== 'resolved';
    const list = this.inbox.list(this.route.view);
    const at = list.findIndex((one) => one.id === id);
    const next = at < 0 ? undefined : (list[at + 1] ?? list[at - 1]);
    const change = this.inbox.change(id, { status: open ? 'resolved' : 'open' });
    if (!this.inbox.list(this.route.view).some((one) => one.id === id) && next) this.route.open(next.id, null, 'replace');
    await this.attempt(change);
  }

  /** What could not be sent while the line was down goes now. */
  online(): void {
    for (const thread of this.#threads.values()) thread.retry();
  }

  forgetContact(contact: string): void {
    for (const id of this.inbox.contactErased(contact)) {
      this.#threads.delete(id);
      this.drafts.forget(id);
      if (this.route.conversation === id) this.route.open(null, null, 'replace');
    }
  }

  #live({ type, data, seq }: LiveEvent): void {
    if (type === 'typing') return this.typing.told(data as Typing, this.session.memberId);
    // What is gone by the time it is told about comes with its ids alone.
    if (typeof (data as { id?: unknown } | null)?.id !== 'string' && !type.startsWith('channel.')) return;
    const [subject, what] = type.split('.');
    if (subject === 'message') this.#message(data as Message, seq, what === 'created');
    else if (subject === 'conversation') this.inbox.told(data as Conversation, seq);
    else if (type === 'contact.updated') this.inbox.contactChanged(data as Contact);
    else if (type === 'contact.erased') this.forgetContact((data as Contact).id);
    else if (subject === 'channel') void this.channels.load();
  }

  #message(message: Message, seq: number, isNew: boolean): void {
    const thread = this.#threads.get(message.conversation_id);
    if (isNew) {
      thread?.arrived(message, seq, this.session.memberId);
      this.typing.wrote(message.conversation_id, message.author);
      if (message.direction === 'incoming') this.#announce(message);
    } else if (thread?.get(message.id) || thread?.loaded) thread.told(message, seq);
    this.inbox.heard(message, seq, isNew);
  }

  #announce(message: Message): void {
    const name = message.author.name ?? this.inbox.get(message.conversation_id)?.contact?.name ?? '';
    this.announcement = [name, message.text ?? message.attachments[0]?.name ?? ''].filter(Boolean).join(': ');
  }

  async #reload(): Promise<void> {
    const open = this.route.conversation;
    for (const [id, thread] of this.#threads) {
      if (id === open) void thread.load();
      else if (thread.pending.length === 0) this.#threads.delete(id);
    }
    await this.inbox.reload(this.route.view, open);
  }
}

export const [getApp, setApp] = createContext<App>();
