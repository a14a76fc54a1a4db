// What was said. Lines keep their element as long as they are the same, so that nothing jumps and nothing is read out twice.
import type { Message, Pending } from '../message';
import type { Line, Thread } from '../thread';
import type { Words } from '../words/words';
import { el } from './dom';
import { fileView, sized, type Fetch } from './files';
import { FILE, picture, PIN, TICK, TICKS } from './icons';
import { linked } from './links';

export interface LogActions {
  fetch: Fetch;
  choose: (of: Message, button: { label: string; data: string }) => void;
  retry: (pending: Pending) => void;
  remove: (pending: Pending) => void;
}

/** How near its end the log must be to follow what is new, in pixels. */
const NEAR = 80;

export class Log {
  readonly element: HTMLElement;
  #list = el('ol', { className: 'lines' });
  #typing = el('div', { className: 'typing', hidden: true });
  #drawn = new Map<string, { print: string; element: HTMLElement }>();
  #time: Intl.DateTimeFormat;
  #day: Intl.DateTimeFormat;
  #marked: string | null = null;

  constructor(
    readonly words: Words,
    readonly locale: string,
    readonly thread: Thread,
    readonly actions: LogActions,
    greeting: HTMLElement,
  ) {
    this.#time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
    this.#day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
    this.#typing.append(el('span', { className: 'sr', textContent: words.typing }), ...[0, 1, 2].map(() => el('i', { ariaHidden: 'true' })));
    const live = el('div', { className: 'spoken', ariaLive: 'polite', attrs: { role: 'log', 'aria-label': words.messages, 'aria-relevant': 'additions' } }, this.#list);
    this.element = el('div', { className: 'log', tabIndex: 0, attrs: { role: 'region', 'aria-label': words.messages } }, greeting, live, el('div', { attrs: { role: 'status' } }, this.#typing));
  }

  /** Marks where what is new begins, as it is when the chat is opened. */
  mark(id: string | null): void {
    this.#marked = id;
  }

  typing(on: boolean): void {
    const near = this.#isNear();
    this.#typing.hidden = !on;
    if (near) this.toEnd();
  }

  #isNear(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
  }

  draw(): void {
    const near = this.#isNear();
    const lines = this.thread.lines();
    const wanted: HTMLElement[] = [];
    const kept = new Set<string>();
    let [day, speaker] = ['', ''];
    const last = lines.at(-1);
    for (const line of lines) {
      const at = line.kind === 'message' ? line.message.created_at : line.pending.at;
      const date = new Date(at);
      if (date.toDateString() !== day) {
        [day, speaker] = [date.toDateString(), ''];
        wanted.push(this.#reuse(kept, `day:${day}`, this.#dayName(date), () => el('li', { className: 'day' }, el('span', { textContent: this.#dayName(date) }))));
      }
      if (line.kind === 'message' && line.message.id === this.#marked) {
        wanted.push(this.#reuse(kept, 'new', '', () => el('li', { className: 'new' }, el('span', { textContent: this.words.newMessages }))));
      }
      const own = line.kind === 'pending' || line.message.direction === 'incoming';
      const name = own ? '' : (line.message.author.name ?? this.words.team);
      const first = `${own} ${name}` !== speaker;
      speaker = `${own} ${name}`;
      const print = JSON.stringify([line, first, line === last, line.kind === 'message' && this.#quoted(line.message)]);
      wanted.push(this.#reuse(kept, line.key, print, () => this.#line(line, own, name, first, line === last, date)));
    }
    for (const key of this.#drawn.keys()) if (!kept.has(key)) this.#drawn.delete(key);
    this.#arrange(wanted);
    if (near) this.toEnd();
  }

  /** Only what moved is moved: a live region reads out what is put in. */
  #arrange(wanted: HTMLElement[]): void {
    for (const old of [...this.#list.children]) if (!wanted.includes(old as HTMLElement)) old.remove();
    wanted.forEach((element, at) => {
      if (this.#list.children[at] !== element) this.#list.insertBefore(element, this.#list.children[at] ?? null);
    });
  }

  #reuse(kept: Set<string>, key: string, print: string, make: () => HTMLElement): HTMLElement {
    kept.add(key);
    const known = this.#drawn.get(key);
    if (known?.print === print) return known.element;
    const made = make();
    // What is only changed stays the same element: its content is exchanged, and it is not announced as new.
    const element = known?.element ?? made;
    if (known) {
      element.className = made.className;
      element.replaceChildren(...made.childNodes);
    }
    this.#drawn.set(key, { print, element });
    return element;
  }

  #dayName(date: Date): string {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
    return days === 0 ? this.words.today : days === 1 ? this.words.yesterday : this.#day.format(date);
  }

  #quoted(message: Message): string | null {
    const quoted = message.reply_to ? this.thread.get(message.reply_to) : undefined;
    return quoted && !quoted.removed_at ? (quoted.text ?? quoted.attachments[0]?.name ?? null) : null;
  }

  #line(line: Line, own: boolean, name: string, first: boolean, last: boolean, date: Date): HTMLElement {
    const item = el('li', { className: `line ${own ? 'own' : 'theirs'}${first ? ' first' : ''}` });
    if (first) item.append(el('span', { className: own ? 'sr' : 'author', dir: 'auto', textContent: own ? this.words.you : name }));
    if (line.kind === 'pending') item.append(...this.#pending(line.pending));
    else item.append(...this.#said(line.message, line.read, own, last, date));
    return item;
  }

  #said(message: Message, read: boolean, own: boolean, last: boolean, date: Date): HTMLElement[] {
    const { words } = this;
    if (message.removed_at) return [el('div', { className: 'bubble gone', textContent: words.removed })];
    const quoted = this.#quoted(message);
    const bubble = el('div', { className: 'bubble' }, quoted !== null && el('blockquote', { dir: 'auto', textContent: quoted }));
    if (message.text) bubble.append(el('p', { dir: 'auto' }, ...linked(message.text, words.opensElsewhere)));
    for (const file of message.attachments) bubble.append(fileView(file, this.actions.fetch, words));
    if (message.place) bubble.append(placeView(message.place, words));
    if (message.reactions.length > 0) bubble.append(el('div', { className: 'reactions', textContent: [...new Set(message.reactions.map((reaction) => reaction.emoji))].join(' ') }));
    const meta = el('div', { className: 'meta' }, el('time', { dateTime: message.created_at, textContent: this.#time.format(date) }), message.edited_at !== null && ` · ${words.edited}`);
    if (own) meta.append(el('span', { className: 'state' }, picture(read ? TICKS : TICK), el('span', { className: 'sr', textContent: read ? words.read : words.sent })));
    const buttons = message.buttons.flat();
    const choices = buttons.filter((button) => button.url || (last && button.data !== null));
    if (choices.length === 0) return [bubble, meta];
    return [bubble, meta, el('div', { className: 'choices' }, ...choices.map((button) => this.#choice(message, button)))];
  }

  #choice(message: Message, { label, data, url }: Message['buttons'][number][number]): HTMLElement {
    if (url && /^https?:\/\//i.test(url)) return el('a', { className: 'choice', href: url, target: '_blank', rel: 'noopener noreferrer', dir: 'auto', textContent: label });
    return el('button', { type: 'button', className: 'choice', dir: 'auto', textContent: label, on: { click: () => data !== null && this.actions.choose(message, { label, data }) } });
  }

  #pending(pending: Pending): HTMLElement[] {
    const { words } = this;
    const bubble = el('div', { className: 'bubble' }, pending.text !== '' && el('p', { dir: 'auto' }, ...linked(pending.text, words.opensElsewhere)));
    for (const upload of pending.uploads) {
      bubble.append(el('div', { className: 'file' }, el('span', { className: 'chip' }, picture(FILE), el('span', { className: 'name', dir: 'auto', textContent: upload.name }), el('span', { className: 'size', textContent: sized(upload.size) }))));
    }
    if (pending.state !== 'failed') return [bubble, el('div', { className: 'meta', textContent: pending.state === 'accepted' ? words.sent : words.sending })];
    const retry = el('button', { type: 'button', className: 'plain', textContent: words.retry, on: { click: () => this.actions.retry(pending) } });
    const remove = el('button', { type: 'button', className: 'plain', textContent: words.remove, on: { click: () => this.actions.remove(pending) } });
    return [bubble, el('div', { className: 'meta failed', title: pending.reason ?? '', attrs: { role: 'alert' } }, words.failed, ' · ', retry, ' · ', remove)];
  }
}

function placeView(place: NonNullable<Message['place']>, words: Words): HTMLElement {
  const name = [place.name, place.address].filter(Boolean).join(', ') || words.place;
  return el('a', { className: 'chip', href: `geo:${place.latitude},${place.longitude}` }, picture(PIN), el('span', { className: 'name', dir: 'auto', textContent: name }));
}
