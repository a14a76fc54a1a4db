// The chat itself, loaded when it is first opened. Puts the parts together; each of them knows only what it is about.
import { backoff } from './wire';
import { Store, type Kept } from './kept';
import type { Chat, Identity, Look, Stage } from './look';
import type { Message, Pending, Upload } from './message';
import { Outbox } from './outbox';
import { Session } from './session';
import { listen, type Heard } from './stream';
import { Tabs } from './tabs';
import { Thread } from './thread';
import { CHAT } from './view/chat.css';
import { Composer } from './view/composer';
import { el } from './view/dom';
import { asked, Gate, type Needs } from './view/gate';
import { Log } from './view/log';
import { Panel } from './view/panel';
import { Wire } from './wire';
import { wordsOf } from './words/words';

/** How often it is told that the visitor types, and how long a member's typing is shown, in milliseconds. */
const TYPING_EVERY = 4_000;
const TYPING_FOR = 8_000;

export function start(stage: Stage): Chat {
  const { look, root, launcher, channel } = stage;
  const words = wordsOf(stage.locale);
  const host = root.host as HTMLElement;
  const hints = new EventTarget();
  const store = new Store(channel);
  const wire = new Wire(stage.base, channel);
  const session = new Session(wire, store, look);
  const thread = new Thread(() => redraw());
  const tabs = new Tabs(channel, heardFromTab);
  const outbox = new Outbox(wire, store, session, hints, onItsWay, (kept) => (tabs.tell('session'), follow(kept)), () => void askAgain());

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CHAT);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  host.dir = getComputedStyle(document.documentElement).direction;

  const greeting = el('div', {}, el('p', { className: 'greeting', dir: 'auto', textContent: look.welcome || words.welcome }), look.away && el('p', { className: 'away', textContent: away(stage) }));
  const log = new Log(words, stage.locale, thread, { fetch: fetchFile, choose, retry: (pending) => outbox.retry(pending), remove: discard }, greeting);
  const composer = new Composer(words, look, { send, typing: sayTyping });
  const panel = new Panel(words, look, log.element, { close, forget, drop: (files) => foot() === composer && composer.add(files) });
  root.prepend(panel.element);
  composer.draft = store.get<string>('draft') ?? '';

  let following: { token: string; stop: AbortController } | null = null;
  let passed = false;
  let gate: Gate | null = null;
  let drawing = false;
  let typedAt = 0;
  let typingEnds: ReturnType<typeof setTimeout> | undefined;
  let isConnected = true;
  let lostAt: ReturnType<typeof setTimeout> | undefined;

  // What may make it worth trying again at once.
  const hint = () => hints.dispatchEvent(new Event('now'));
  window.addEventListener('online', () => (hint(), state()));
  window.addEventListener('offline', () => state());
  window.addEventListener('pageshow', hint);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    hint();
    see();
  });
  window.visualViewport?.addEventListener('resize', () => panel.fit());
  window.visualViewport?.addEventListener('scroll', () => panel.fit());

  for (const pending of outbox.resume()) thread.await(pending);
  resume();
  return { open, close, identify };

  /** Goes on with a session of an earlier page or of another tab. */
  function resume(): void {
    const kept = session.kept;
    if (kept) follow(kept);
    else foot();
  }

  function open(): void {
    if (panel.isOpen) return;
    log.mark(thread.firstUnread());
    panel.show(true);
    host.classList.add('open');
    launcher.ariaExpanded = 'true';
    foot();
    thread.changed();
    draw();
    log.toEnd();
    see();
    state();
    focus();
    stage.tell('open');
  }

  function close(): void {
    if (!panel.isOpen) return;
    const within = root.activeElement !== null;
    panel.show(false);
    host.classList.remove('open');
    launcher.ariaExpanded = 'false';
    stage.unread(thread.unread());
    keepDraft();
    // Wherever the page has the focus by now, it is left there.
    if (within || document.activeElement === document.body) launcher.focus({ preventScroll: true });
    stage.tell('close');
  }

  function focus(): void {
    const shown = foot();
    // On a phone the keyboard would cover what one came to read.
    if (shown === composer && matchMedia('(pointer: coarse)').matches && thread.lines().length > 0) panel.element.focus({ preventScroll: true });
    else shown.focus();
  }

  /** What is asked still, or the composer. */
  function foot(): Gate | Composer {
    const kept = session.kept;
    const needs: Needs = {
      age: !kept,
      consent: look.consent !== null && (kept ?? session.entered).consent !== look.consent.version,
      profile: !kept && !session.isIdentified,
    };
    if ((passed && !needs.consent) || !asked(look, needs).any) {
      gate = null;
      panel.foot(composer);
      return composer;
    }
    gate ??= new Gate(words, look, needs, async (entered) => {
      if (kept) await wire.call('consent', kept.token, { method: 'POST', body: JSON.stringify({ version: entered.consent }) });
      if (kept) session.change({ consent: entered.consent });
      session.entered = entered;
      // What is agreed to is recorded at once, and not only with the first message.
      if (entered.consent && !kept) follow(await session.open());
      passed = true;
      foot().focus();
    });
    panel.foot(gate);
    return gate;
  }

  /** Asks what the channel asks for by now. What was refused can be sent again afterwards. */
  async function askAgain(): Promise<void> {
    Object.assign(look, await wire.json<Partial<Look>>('look', null).catch(() => ({})));
    session.entered = { profile: null, consent: null, ofAge: false };
    [passed, gate] = [false, null];
    foot();
  }

  function send(text: string, uploads: Upload[]): void {
    outbox.send({ id: crypto.randomUUID(), at: new Date().toISOString(), text, uploads, state: 'waiting' });
    keepDraft();
    draw();
    log.toEnd();
  }

  function choose(of: Message, button: { label: string; data: string }): void {
    outbox.send({ id: crypto.randomUUID(), at: new Date().toISOString(), text: button.label, uploads: [], choice: { data: button.data, of: of.id }, state: 'waiting' });
    composer.focus();
  }

  function onItsWay(pending: Pending): void {
    thread.await(pending);
    tabs.tell('pending', { ...pending, uploads: pending.uploads.map(({ name, size, ticket }) => ({ name, size, ticket })) });
  }

  function discard(pending: Pending): void {
    outbox.remove(pending.id);
    thread.drop(pending.id);
    tabs.tell('dropped', pending.id);
  }

  function keepDraft(): void {
    // Only of somebody who has written before: nothing is kept of who only looked.
    if (session.kept) store.set('draft', composer.draft || null);
  }

  function sayTyping(): void {
    session.prepare();
    const kept = session.kept;
    if (!kept || thread.lines().length === 0 || Date.now() - typedAt < TYPING_EVERY) return;
    typedAt = Date.now();
    wire.call('messages', kept.token, { method: 'POST', body: '{"type":"typing"}' }).catch(() => {});
  }

  /** Listens for what members say, in one tab for all. */
  function follow(kept: Kept): void {
    if (following?.token === kept.token) return;
    following?.stop.abort();
    const stop = new AbortController();
    following = { token: kept.token, stop };
    thread.seen(store.get<string>('seen'));
    void history(kept, stop.signal);
    const heard = (event: Heard) => (take(event), tabs.tell('heard', event));
    tabs.lead(kept.token, stop.signal, () =>
      listen(wire, kept.token, hints, stop.signal, {
        connected: async (anew) => {
          connected(true);
          tabs.tell('connected', true);
          if (anew) await history(kept, stop.signal);
        },
        lost: () => (connected(false), tabs.tell('connected', false)),
        heard,
        refused: () => refused(kept),
      }),
    );
    foot();
  }

  async function history(kept: Kept, stop: AbortSignal): Promise<void> {
    for (let attempt = 0; !stop.aborted; attempt += 1) {
      try {
        const page = await wire.json<{ data: Message[]; read_up_to: string | null }>('messages', kept.token);
        if (stop.aborted) return;
        thread.page(page.data, page.read_up_to);
        if (panel.isOpen) see();
        return;
      } catch (reason) {
        if ((reason as { status?: number }).status === 401) return refused(kept);
        await new Promise((over) => setTimeout(over, backoff(attempt)));
      }
    }
  }

  function refused(kept: Kept): void {
    session.drop(kept.token);
    following?.stop.abort();
    following = null;
    foot();
  }

  function take({ kind, data }: Heard): void {
    if (kind === 'message.created' || kind === 'message.updated') {
      const message = data as Message;
      if (message.direction === 'outgoing') typing(false);
      thread.put(message);
      see();
    } else if (kind === 'typing') typing((data as { on: boolean }).on);
    else if (kind === 'read') thread.read((data as { up_to: string }).up_to);
    else if (kind === 'reset') {
      const kept = session.kept;
      if (kept && following) void history(kept, following.stop.signal);
    }
  }

  function typing(on: boolean): void {
    clearTimeout(typingEnds);
    if (on) typingEnds = setTimeout(() => log.typing(false), TYPING_FOR);
    log.typing(on);
  }

  function heardFromTab(what: string, detail: unknown): void {
    if (what === 'heard') take(detail as Heard);
    else if (what === 'pending') thread.await(detail as Pending);
    else if (what === 'dropped') thread.drop(detail as string);
    else if (what === 'connected') connected(detail as boolean);
    else if (what === 'seen') thread.seen(detail as string);
    else if (what === 'session') resume();
    else if (what === 'forgotten') reset();
  }

  function connected(on: boolean): void {
    isConnected = on;
    clearTimeout(lostAt);
    // A short interruption is nobody's concern.
    lostAt = setTimeout(state, on ? 0 : 2_000);
  }

  function state(): void {
    panel.banner(!navigator.onLine ? words.offline : isConnected ? '' : words.catchingUp);
  }

  /** Members see that their last message was seen; other tabs see that it is not new. */
  function see(): void {
    const last = thread.lastHeard();
    if (!panel.isOpen || document.visibilityState !== 'visible' || last === null || last === store.get<string>('seen')) return;
    const kept = session.kept;
    if (!kept) return;
    store.set('seen', last);
    thread.seen(last);
    tabs.tell('seen', last);
    wire.call('messages', kept.token, { method: 'POST', body: JSON.stringify({ type: 'seen', up_to: last }) }).catch(() => {});
  }

  function redraw(): void {
    if (drawing) return;
    drawing = true;
    queueMicrotask(draw);
  }

  function draw(): void {
    drawing = false;
    log.draw();
    stage.unread(panel.isOpen ? 0 : thread.unread());
  }

  function identify(identity: Identity | null): void {
    void session.identify(identity).then(
      (changed) => {
        if (!changed) return resume();
        reset();
        resume();
      },
      () => console.warn('Parloir: the page did not say who is signed in.'),
    );
  }

  function forget(): void {
    const kept = session.kept;
    if (kept) wire.call('consent', kept.token, { method: 'DELETE' }).catch(() => {});
    store.forget();
    reset();
    tabs.tell('forgotten');
    close();
  }

  /** As if nobody had ever been here. */
  function reset(): void {
    following?.stop.abort();
    following = null;
    passed = false;
    gate = null;
    session.entered = { profile: null, consent: null, ofAge: false };
    composer.draft = '';
    log.mark(null);
    thread.clear();
    foot();
  }

  async function fetchFile(attachment: { id: string }): Promise<Blob> {
    return await (await wire.call(`attachments/${attachment.id}`, session.kept?.token ?? null)).blob();
  }
}

/** That nobody is here, and until when if that is known. */
function away({ look, locale }: Stage): string {
  const words = wordsOf(locale);
  if (!look.opens_at) return words.away;
  const when = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });
  return `${words.away} ${words.back(when.format(new Date(look.opens_at)))}`;
}
