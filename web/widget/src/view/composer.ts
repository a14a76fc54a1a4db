// Where a visitor writes: Enter sends, Shift and Enter begins a line; files by button, by paste and by drop.
import type { Look } from '../look';
import type { Upload } from '../message';
import type { Words } from '../words/words';
import { el } from './dom';
import { sized } from './files';
import { CLIP, CLOSE, FILE, picture, SEND } from './icons';

export interface ComposerActions {
  send: (text: string, uploads: Upload[]) => void;
  /** Somebody began to write, or writes on. */
  typing: () => void;
}

/** How many files one message takes. */
const FILES = 10;

export class Composer {
  readonly element: HTMLFormElement;
  #text: HTMLTextAreaElement;
  #send: HTMLButtonElement;
  #chosen = el('ul', { className: 'chosen', hidden: true });
  #wrong = el('p', { className: 'wrong', hidden: true, attrs: { role: 'alert' } });
  #uploads: Upload[] = [];

  constructor(
    readonly words: Words,
    readonly look: Look,
    readonly actions: ComposerActions,
  ) {
    const picker = el('input', { type: 'file', multiple: true, hidden: true, tabIndex: -1, on: { change: () => this.#take(picker) } });
    const attach = el('button', { type: 'button', className: 'icon', ariaLabel: words.attach, title: words.attach, on: { click: () => picker.click() } }, picture(CLIP));
    this.#text = el('textarea', {
      rows: 1, dir: 'auto', placeholder: words.write, ariaLabel: words.write, attrs: { enterkeyhint: 'send' },
      on: {
        input: () => this.#changed(true),
        keydown: (event: KeyboardEvent) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          this.#submit();
        },
        paste: (event: ClipboardEvent) => {
          if ((event.clipboardData?.files.length ?? 0) > 0 && this.add(event.clipboardData!.files)) event.preventDefault();
        },
      },
    });
    this.#send = el('button', { type: 'submit', className: 'send', ariaLabel: words.send, title: words.send, disabled: true }, picture(SEND));
    this.element = el(
      'form',
      { className: 'composer', on: { submit: (event: SubmitEvent) => (event.preventDefault(), this.#submit()) } },
      this.#wrong, this.#chosen, el('div', { className: 'row' }, attach, picker, this.#text, this.#send),
    );
  }

  focus(): void {
    this.#text.focus({ preventScroll: true });
  }

  get draft(): string {
    return this.#text.value;
  }

  set draft(text: string) {
    this.#text.value = text;
    this.#changed(false);
  }

  /** Takes files; whether any was taken. */
  add(files: Iterable<File>): boolean {
    const megabytes = Math.floor(this.look.upload_limit / 1_048_576);
    this.#say('');
    for (const file of files) {
      if (this.#uploads.length >= FILES) break;
      if (file.size > this.look.upload_limit) this.#say(this.words.tooLarge(file.name, megabytes));
      else this.#uploads.push({ name: file.name, size: file.size, ticket: null, file });
    }
    this.#changed(false);
    this.focus();
    return this.#uploads.length > 0;
  }

  #take(picker: HTMLInputElement): void {
    this.add(picker.files ?? []);
    picker.value = '';
  }

  #say(what: string): void {
    this.#wrong.textContent = what;
    this.#wrong.hidden = what === '';
  }

  #changed(typed: boolean): void {
    const text = this.#text;
    // As high as what is written, up to the bound in the style, where the style cannot say so.
    if (!CSS.supports('field-sizing', 'content') && text.isConnected) {
      text.style.setProperty('height', 'auto');
      text.style.setProperty('height', `${text.scrollHeight}px`);
    }
    const long = [...text.value].length > this.look.text_limit;
    if (typed) this.#say(long ? this.words.tooLong(this.look.text_limit) : '');
    this.#send.disabled = long || (text.value.trim() === '' && this.#uploads.length === 0);
    this.#chosen.hidden = this.#uploads.length === 0;
    this.#chosen.replaceChildren(...this.#uploads.map((upload) => this.#chip(upload)));
    if (typed && text.value !== '') this.actions.typing();
  }

  #chip(upload: Upload): HTMLElement {
    const remove = () => {
      this.#uploads = this.#uploads.filter((other) => other !== upload);
      this.#changed(false);
      this.focus();
    };
    return el(
      'li', { className: 'chip' }, picture(FILE), el('span', { className: 'name', dir: 'auto', textContent: upload.name }),
      el('span', { className: 'size', textContent: sized(upload.size) }),
      el('button', { type: 'button', className: 'icon small', ariaLabel: this.words.removeFile(upload.name), on: { click: remove } }, picture(CLOSE)),
    );
  }

  #submit(): void {
    if (this.#send.disabled) return;
    const [text, uploads] = [this.#text.value.trim(), this.#uploads];
    this.#uploads = [];
    this.draft = '';
    this.actions.send(text, uploads);
    this.focus();
  }
}
