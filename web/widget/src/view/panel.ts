// The window of the chat: head, what was said, and below it what is asked or the composer.
import type { Look } from '../look';
import type { Words } from '../words/words';
import type { Composer } from './composer';
import { el } from './dom';
import { bytesOf, paintable } from './files';
import type { Gate } from './gate';
import { privacyLink } from './gate';
import { CLOSE, MORE, picture } from './icons';

export interface PanelActions {
  close: () => void;
  forget: () => void;
  drop: (files: FileList) => void;
}

/** As narrow as a phone: the chat takes the whole screen, and nothing else can be reached. */
const PHONE = '(max-width: 480px)';

export class Panel {
  readonly element: HTMLElement;
  #foot = el('div', { className: 'foot' });
  #menu: HTMLElement;
  #more: HTMLButtonElement;
  #sure: HTMLElement;
  #banner = el('p', { className: 'banner', hidden: true, attrs: { role: 'status' } });

  constructor(
    readonly words: Words,
    readonly look: Look,
    log: HTMLElement,
    readonly actions: PanelActions,
  ) {
    const close = el('button', { type: 'button', className: 'icon', ariaLabel: words.close, title: words.close, on: { click: actions.close } }, picture(CLOSE));
    this.#more = el('button', {
      type: 'button', className: 'icon', ariaLabel: words.menu, title: words.menu, ariaExpanded: 'false', attrs: { 'aria-controls': 'menu' },
      on: { click: () => this.#toggle(this.#menu.hidden) },
    }, picture(MORE, 'dots'));
    const forget = el('button', { type: 'button', textContent: words.forget, on: { click: () => (this.#toggle(false), this.#ask()) } });
    this.#menu = el('div', { id: 'menu', className: 'menu', hidden: true }, look.privacy_url !== '' && privacyLink(look, words), forget);
    this.#sure = this.#question();
    const title = el('h2', { id: 'title', dir: 'auto', textContent: look.title || words.title });
    const head = el('div', { className: 'head' }, face(look, look.title || words.title), title, this.#more, close, this.#menu);
    this.element = el(
      'section',
      {
        className: 'panel', hidden: true, tabIndex: -1, attrs: { role: 'dialog', 'aria-labelledby': 'title' },
        on: {
          keydown: (event: KeyboardEvent) => this.#key(event),
          dragover: (event: DragEvent) => this.#drag(event, true),
          dragleave: (event: DragEvent) => !this.element.contains(event.relatedTarget as Node | null) && this.#drag(event, false),
          drop: (event: DragEvent) => {
            this.#drag(event, false);
            if (event.dataTransfer) actions.drop(event.dataTransfer.files);
          },
          click: (event: MouseEvent) => !event.composedPath().includes(this.#menu) && !event.composedPath().includes(this.#more) && this.#toggle(false),
        },
      },
      head, this.#banner, log, this.#foot, this.#sure,
      el('div', { className: 'drop', ariaHidden: 'true', textContent: words.dropHere }),
    );
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  show(open: boolean): void {
    this.element.hidden = !open;
    this.element.ariaModal = open && matchMedia(PHONE).matches ? 'true' : null;
    this.#toggle(false);
    this.#sure.hidden = true;
    this.fit();
  }

  /** As high as what the keyboard of a phone leaves. */
  fit(): void {
    const view = window.visualViewport;
    if (view) this.element.style.setProperty('--high', `${Math.round(view.height)}px`);
    if (view) this.element.style.setProperty('--top', `${Math.round(view.offsetTop)}px`);
  }

  foot(what: Gate | Composer): void {
    if (this.#foot.firstChild !== what.element) this.#foot.replaceChildren(what.element);
  }

  banner(text: string): void {
    if (this.#banner.textContent !== text) this.#banner.textContent = text;
    this.#banner.hidden = text === '';
  }

  #toggle(open: boolean): void {
    this.#menu.hidden = !open;
    this.#more.ariaExpanded = String(open);
    if (open) this.#menu.querySelector<HTMLElement>('a, button')?.focus();
  }

  #question(): HTMLElement {
    const { words } = this;
    const yes = el('button', { type: 'button', className: 'solid', textContent: words.yesForget, on: { click: () => this.actions.forget() } });
    const no = el('button', { type: 'button', className: 'outline', textContent: words.cancel, on: { click: () => ((this.#sure.hidden = true), this.#more.focus()) } });
    return el('div', { className: 'sure', hidden: true, attrs: { role: 'alertdialog', 'aria-labelledby': 'sure' } }, el('p', { id: 'sure', textContent: words.forgetSure }), el('div', { className: 'buttons' }, no, yes));
  }

  #ask(): void {
    this.#sure.hidden = false;
    this.#sure.querySelector('button')?.focus();
  }

  #drag(event: DragEvent, over: boolean): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.element.classList.toggle('dragged', over);
  }

  #key(event: KeyboardEvent): void {
    // What is typed in here is none of the page's shortcuts.
    event.stopPropagation();
    if (event.key === 'Escape') {
      if (!this.#sure.hidden) this.#sure.hidden = true;
      else if (!this.#menu.hidden) this.#toggle(false), this.#more.focus();
      else this.actions.close();
    }
    if (event.key === 'Tab' && this.element.ariaModal === 'true') this.#turn(event);
  }

  /** On a phone the page behind cannot be seen, so it cannot be reached either. */
  #turn(event: KeyboardEvent): void {
    const all = [...this.element.querySelectorAll<HTMLElement>('a[href], button:not(:disabled), input, textarea, [tabindex="0"]')].filter((one) => one.checkVisibility());
    const [first, last] = [all[0], all.at(-1)];
    const at = (this.element.getRootNode() as ShadowRoot).activeElement;
    if (event.shiftKey && at === first) last?.focus();
    else if (!event.shiftKey && at === last) first?.focus();
    else return;
    event.preventDefault();
  }
}

/** The picture that was chosen, or a letter. */
function face(look: Look, title: string): HTMLElement {
  const holder = el('span', { className: 'face', ariaHidden: 'true', textContent: [...title][0]?.toUpperCase() ?? '' });
  const bytes = bytesOf(look.avatar);
  if (bytes) void paintable(bytes, 36, 36).then((painted) => holder.replaceChildren(painted), () => {});
  return holder;
}
