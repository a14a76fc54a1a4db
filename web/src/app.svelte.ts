/** The app put together: what it knows, and how the live stream changes it. */
import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Contact, Conversation, ConversationChange, LiveEvent, Member, Message, Presence, Scheduled, Typing } from './api/model';
import { Parloir } from './api/parloir';
import { Problem } from './api/problem';
import { Channels } from './channels/channels.svelte';
import { Drafts, Upload } from './composer/drafts.svelte';
import { KnownContacts } from './contact/known.svelte';
import { ContactNews, type ToldContact } from './contact/news.svelte';
import { Inbox } from './inbox/inbox.svelte';
import { Selection } from './inbox/selection.svelte';
import { Workplace } from './inbox/workplace.svelte';
import { Stream } from './live/stream.svelte';
import { TypingSignals } from './live/typing.svelte';
import { Session } from './session/session.svelte';
import { Clock } from './shell/clock.svelte';
import { freshKey } from './api/key';
import { Commands } from './palette/commands.svelte';
import { Frame } from './shell/frame.svelte';
import { Notices } from './shell/notices.svelte';
import { Route } from './shell/route.svelte';
import { ThemeChoice } from './shell/theme.svelte';
import type { LanguageChoice } from './text/choice.svelte';
import { t, type Language } from './text/text';
import { Planned } from './thread/planned.svelte';
import { Presences } from './thread/presence.svelte';
import { Thread } from './thread/thread.svelte';
import { begin as startWorker, speakTo, type Words } from './worker/page';

export class App {
  readonly api = new Parloir();
  readonly session = new Session(this.api);
  readonly route = new Route();
  readonly theme = new ThemeChoice();
  readonly notices = new Notices();
  readonly clock = new Clock();
  readonly drafts = new Drafts(
    {
      drafts: () => this.api.work.drafts(), draft: (id) => this.api.work.draft(id), keepDraft: (id, draft) => this.api.work.keepDraft(id, draft),
      dropDraft: (id) => this.api.work.dropDraft(id), attachment: (id) => this.api.attachment(id),
    },
    (conversation, id) => this.#threads.get(conversation)?.get(id),
  );
  readonly planned = new Planned(this.api.work);
  readonly contacts = new KnownContacts((id) => this.api.contact(id));
  readonly presences = new Presences();
  readonly workplace = new Workplace(this.api.work);
  /** Conversations chosen in the list. */
  readonly selection = new Selection();
  readonly typing = new TypingSignals();
  readonly channels = new Channels(this.api);
  readonly commands = new Commands();
  readonly frame = new Frame();
  readonly inbox = new Inbox(this.api, () => this.stream?.seq ?? 0, () => this.session.memberId);
  /** Spoken by screen readers. */
  announcement = $state('');
  readonly contactNews = new ContactNews();
  members = $state<Member[]>([]);
  stream = $state<Stream | null>(null);
  #threads = new SvelteMap<string, Thread>();
  /** A change that the server has not answered yet. */
  #changing: Promise<boolean> | null = null;

  constructor(readonly language: LanguageChoice) {
    this.api.onSignedOut = () => this.ended(true);
  }

  /** What is needed from the moment somebody is signed in. */
  async begin(): Promise<void> {
    this.stream = new Stream({
      event: (event) => this.#live(event),
      reset: () => void this.#reload(),
      signedOut: () => this.ended(true),
    });
    void this.stream.run();
    const wish = this.session.me?.locale;
    if (wish) await this.attempt(this.language.choose(wish));
    void startWorker(() => this.#words(), (take) => this.notices.done(t.app.updated, { label: t.app.reload, run: take }));
    await Promise.allSettled([
      this.inbox.load(this.route.view),
      this.channels.load(),
      this.channels.loadKinds(),
      this.workplace.load(),
      this.drafts.load(),
      this.planned.loadOwn(),
      this.loadViews(),
      this.loadMembers(),
    ]);
  }

  async signOut(): Promise<void> {
    await this.session.signOut();
    this.ended(false);
  }

  /** Nothing that one member saw may be there for the next who signs in: the page starts anew. */
  ended(expired: boolean): void {
    this.stream?.stop();
    this.stream = null;
    this.session.ended(expired);
    if (this.#threads.size > 0 || this.members.length > 0) location.reload();
  }

  /** Chooses the language, here at once and for the member wherever they sign in. */
  async speak(language: Language): Promise<void> {
    if (!(await this.attempt(this.language.choose(language)))) return;
    void speakTo(this.#words());
    await this.attempt(this.api.account.change({ locale: language }));
  }

  /** The notice of something new while the app is closed. */
  #words(): Words {
    return { title: t.push.somethingNew, body: t.push.open };
  }

  thread(id: string): Thread {
    const known = this.#threads.get(id);
    if (known) return known;
    const clock = { now: () => this.clock.moment(), key: freshKey };
    const thread = new Thread(id, this.api, () => this.stream?.seq ?? 0, clock);
    thread.onscheduled = (scheduled) => this.planned.told(scheduled);
    this.#threads.set(id, thread);
    return thread;
  }

  memberName(id: string | null | undefined): string | undefined {
    return id ? this.members.find((member) => member.id === id)?.name : undefined;
  }

  sawMentions(conversation: string): void {
    this.inbox.sawMentions(conversation);
    this.workplace.recount();
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
    await this.changeAll([id], { status: open ? 'resolved' : 'open' }, open ? t.bulk.resolved(1) : t.bulk.reopened(1));
  }

  /** Changes conversations alike, goes on where the list loses the open one, and offers to take it all back. */
  changeAll(ids: readonly string[], change: ConversationChange, said: string): Promise<boolean> {
    const changing = this.#changeAll(ids, change, said).finally(() => {
      if (this.#changing === changing) this.#changing = null;
    });
    this.#changing = changing;
    return changing;
  }

  /** Takes back what was done last, though the server may not have answered yet. False if there is nothing. */
  takeBack(): boolean {
    if (!this.#changing) return this.notices.undo();
    void this.#changing.then((done) => done && this.notices.undo());
    return true;
  }

  async #changeAll(ids: readonly string[], change: ConversationChange, said: string): Promise<boolean> {
    if (ids.length === 0) return false;
    const view = this.route.view;
    const list = this.inbox.list(view).map((one) => one.id);
    const open = this.route.conversation;
    const call = this.inbox.changeMany(ids, change);
    this.#goOn(list, open && ids.includes(open) ? open : null);
    try {
      const { undo, refused } = await call;
      this.workplace.recount();
      if (refused.length > 0) this.notices.wrong(t.bulk.refused(refused.length, refused[0]?.problem?.detail ?? ''));
      const back = () => void this.attempt(this.inbox.undo(undo).then(() => this.workplace.recount()));
      if (undo.length > 0) this.notices.done(said, { label: t.bulk.undo, run: back });
      return refused.length < ids.length;
    } catch (reason) {
      this.notices.wrong(Problem.of(reason).message);
      return false;
    }
  }

  /** When the list no longer shows what is open, the next of those that were below it opens. */
  #goOn(before: readonly string[], open: string | null): void {
    if (!open || !before.includes(open)) return;
    const now = new Set(this.inbox.list(this.route.view).map((one) => one.id));
    if (now.has(open)) return;
    const at = before.indexOf(open);
    const next = before.slice(at + 1).find((id) => now.has(id)) ?? before.slice(0, at).findLast((id) => now.has(id));
    if (next) this.route.open(next, null, 'replace');
  }

  /** What was answered and is done leaves the screen to the next, before the server has taken it off the list. */
  goOnFrom(conversation: string): void {
    const list = this.inbox.list(this.route.view).map((one) => one.id);
    const at = list.indexOf(conversation);
    const next = at < 0 ? undefined : (list[at + 1] ?? list[at - 1]);
    if (next && this.route.conversation === conversation) this.route.open(next, null, 'replace');
  }

  /** Back into the composer, with what was written there since. */
  writeAgain(conversation: string, back: Scheduled): void {
    const draft = this.drafts.of(conversation);
    draft.text = [back.text, draft.text].filter(Boolean).join('\n');
    draft.subject = back.subject ?? draft.subject;
    draft.note = false;
    draft.uploads = [...(back.attachments ?? []).map((file) => Upload.of(file)), ...draft.uploads];
    if (back.reply_to) draft.replyTo = this.#threads.get(conversation)?.get(back.reply_to) ?? null;
    document.querySelector<HTMLElement>('[data-composer]')?.focus();
  }

  /** What could not be sent while the line was down goes now. */
  online(): void {
    for (const thread of this.#threads.values()) thread.retry();
  }

  forgetContact(contact: string): void {
    this.contacts.forget(contact);
    for (const id of this.inbox.contactErased(contact)) {
      this.#threads.delete(id);
      this.drafts.forget(id);
      this.planned.forget(id);
      if (this.route.conversation === id) this.route.open(null, null, 'replace');
    }
  }

  #live({ type, data, seq }: LiveEvent): void {
    if (type === 'typing') return this.typing.told(data as Typing, this.session.memberId);
    if (type === 'presence') return this.presences.told(data as Presence, this.session.memberId);
    if (type === 'workplace.updated') return this.#workplace((data as { what?: string }).what ?? '');
    if (type === 'scheduled.updated') return void this.planned.load((data as { conversation_id: string }).conversation_id);
    // What is gone by the time it is told about comes with its ids alone.
    if (typeof (data as { id?: unknown } | null)?.id !== 'string' && !type.startsWith('channel.')) return this.#gone(data);
    const [subject, what] = type.split('.');
    if (subject === 'message') this.#message(data as Message, seq, what === 'created');
    else if (subject === 'conversation') this.inbox.told(data as Conversation, seq);
    else if (type === 'contact.updated') this.inbox.contactChanged(this.contactNews.told(data as ToldContact));
    else if (type === 'contact.erased') this.forgetContact((data as Contact).id);
    else if (subject === 'channel') void this.channels.load();
    if (subject === 'message' || subject === 'conversation') this.workplace.recount();
  }

  /** A message that turned out to be another one of them, or whose contact is erased. */
  #gone(data: unknown): void {
    const ids = data as { conversation_id?: string; message_id?: string } | null;
    if (ids?.conversation_id && ids.message_id) this.#threads.get(ids.conversation_id)?.gone(ids.message_id);
  }

  /** The other member who changed it may sit at the next desk. */
  #workplace(what: string): void {
    if (what === 'views') void this.loadViews();
    else if (what === 'members') void this.loadMembers();
    else void this.workplace.load();
  }

  async loadViews(): Promise<void> {
    this.inbox.saved = await this.api.work.views().catch(() => this.inbox.saved);
  }

  async loadMembers(): Promise<void> {
    const page = await this.api.members().catch(() => null);
    if (page) this.members = page.data;
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
    this.contactNews.missed();
    for (const [id, thread] of this.#threads) {
      if (id === open) void thread.load();
      else if (thread.pending.length === 0) this.#threads.delete(id);
    }
    await this.inbox.reload(this.route.view, open);
  }
}

export const [getApp, setApp] = createContext<App>();
