/**
 * Keys as commands name them: `e`, `?`, `Shift+e`, `Mod+k` (⌘ on Apple's machines, Ctrl elsewhere), `Enter`, and one after the other: `g i`.
 */

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** The name of what is pressed; empty for a modifier by itself. */
export function chord(event: Pressed, apple: boolean): string {
  if (['Control', 'Meta', 'Alt', 'Shift', 'AltGraph', 'Dead', 'Process'].includes(event.key)) return '';
  const mod = apple ? event.metaKey : event.ctrlKey;
  // The other of the two is the system's or the browser's own.
  if (apple ? event.ctrlKey : event.metaKey) return '';
  const letter = /^\p{L}$/u.test(event.key);
  // A sign that needs Shift on one keyboard needs none on another; only with letters and named keys does Shift mean something.
  const shift = event.shiftKey && (letter || event.key.length > 1);
  // On many keyboards Alt, with or without Ctrl, is how signs are typed.
  const typed = event.key.length === 1 && !letter && event.altKey;
  return [mod && !typed ? 'Mod' : '', event.altKey && !typed ? 'Alt' : '', shift ? 'Shift' : '', letter ? event.key.toLowerCase() : event.key].filter(Boolean).join('+');
}

/** Whether this needs nothing but a letter or sign: such keys must not take what somebody says to their machine (WCAG 2.1.4). */
export function single(keys: string): boolean {
  return !/\b(Mod|Alt)\+/.test(keys) && keys.split(' ').some((one) => Array.from(one.split('+').at(-1) ?? '').length === 1);
}

/** What follows may belong to a sequence that was begun; after this many milliseconds it does not any more. */
export const SEQUENCE = 1_200;

/** Follows what is pressed, so that `g` and then `i` is `g i`. */
export class Sequences {
  #begun = '';
  #at = 0;

  /** What is now pressed, as a whole: one of `known` that it completes, or null. `waiting` says that more may follow. */
  press(one: string, now: number, known: readonly string[]): { keys: string | null; waiting: boolean } {
    const begun = now - this.#at < SEQUENCE ? this.#begun : '';
    const both = begun ? `${begun} ${one}` : one;
    this.#begun = '';
    if (begun && known.includes(both)) return { keys: both, waiting: false };
    if (known.some((keys) => keys.startsWith(`${one} `))) {
      this.#begun = one;
      this.#at = now;
      return { keys: null, waiting: true };
    }
    return { keys: known.includes(one) ? one : null, waiting: false };
  }
}

const NAMES: Record<string, string> = {
  Enter: '↵', Escape: 'Esc', ArrowDown: '↓', ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', Backspace: '⌫', Delete: 'Del', ' ': '␣',
};

/** As they are shown: one list for each that follows another. */
export function shown(keys: string, apple: boolean): string[][] {
  const sign: Record<string, string> = apple ? { Mod: '⌘', Alt: '⌥', Shift: '⇧' } : { Mod: 'Ctrl' };
  return keys.split(' ').map((one) => one.split('+').map((part) => sign[part] ?? NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)));
}

/** In one word, for a tooltip. */
export function spelled(keys: string, apple: boolean): string {
  return shown(keys, apple).map((one) => one.join(apple ? '' : '+')).join(' ');
}

export function onApple(): boolean {
  return /Mac|iP(hone|ad|od)/.test(globalThis.navigator?.platform ?? '');
}
