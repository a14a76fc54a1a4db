/** What can be done now: found in the palette, done by key, listed under `?`. Each part of the screen offers its own while it is there. */
import type { Component } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import { keep, kept } from '../shell/kept';
import { chord, onApple, Sequences, single } from './keys';

/** In the order in which the palette and the list of keys show them. */
export const GROUPS = ['conversation', 'message', 'contact', 'list', 'go', 'settings', 'app'] as const;
export type Group = (typeof GROUPS)[number];

export interface Choice {
  /** Unique among the commands, or among the choices of one. */
  id: string;
  label: string;
  icon?: Component<{ size?: number }>;
  /** A name to draw initials for, instead of an icon. */
  avatar?: string;
  hint?: string;
  /** Other words by which it is found. */
  words?: string;
  /** It is so already. */
  chosen?: boolean;
  /** False: there was nothing to do, and the key is left alone. */
  run?: () => boolean | void;
}

export interface Command extends Choice {
  group: Group;
  /** Any of these does it; see `keys.ts`. */
  keys?: readonly string[];
  /** Only by key, as moving up and down is. */
  silent?: boolean;
  /** Asks which, in the palette. */
  choices?: () => readonly Choice[] | Promise<readonly Choice[]>;
}

type Source = () => readonly Command[];

export class Commands {
  #sources = new SvelteSet<Source>();
  #sequences = new Sequences();
  /** Whether letters and signs by themselves do something. */
  singles = $state(kept('keys') !== 'off');
  /** The palette opens with the choices of this one. */
  onchoices: (command: Command) => void = () => {};

  /** Every command, those offered last first: what is nearer to what one does comes before what is always there. */
  get all(): Command[] {
    return [...this.#sources].reverse().flatMap((source) => source());
  }

  /** Answers what takes it back. */
  add(source: Source): () => void {
    this.#sources.add(source);
    return () => void this.#sources.delete(source);
  }

  useSingles(on: boolean): void {
    this.singles = on;
    keep('keys', on ? 'on' : 'off');
  }

  run(command: Command): boolean {
    if (!command.choices) return command.run?.() !== false;
    this.onchoices(command);
    return true;
  }

  press(event: KeyboardEvent, now: number = performance.now()): void {
    if (event.defaultPrevented || event.isComposing || event.repeat && !event.key.startsWith('Arrow')) return;
    const one = chord(event, onApple());
    if (!one || !this.#meant(event, one)) return;
    const all = this.all.map((command) => ({ command, keys: (command.keys ?? []).filter((keys) => this.singles || !single(keys)) }));
    const { keys, waiting } = this.#sequences.press(one, now, all.flatMap((each) => each.keys));
    if (waiting) return event.preventDefault();
    const done = keys !== null && all.some((each) => each.keys.includes(keys) && this.run(each.command));
    if (done) event.preventDefault();
  }

  /** Whether a key is meant for the app, and not for what has the focus. */
  #meant(event: KeyboardEvent, one: string): boolean {
    if (document.querySelector('dialog[open]')) return false;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (isTyping(target)) return one.startsWith('Mod+') && one.length === 5 && !'acvxzy'.includes(one.slice(-1));
    // Enter and the space bar press what has the focus.
    if (['Enter', ' '].includes(event.key) && target?.closest('button, a, [role=button], summary')) return false;
    return true;
  }
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}
