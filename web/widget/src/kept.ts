// What outlives the page, in the website's own storage, from the first message on. Where there is none, it lasts as long as the page.
import { keyOf } from './look';

export interface Kept {
  token: string;
  /** RFC 3339. */
  expires_at: string;
  /** The website's id of whoever was signed in; null for an anonymous visitor. */
  user: string | null;
  /** The version of the text that was agreed to. */
  consent: string | null;
  /** What the visitor said of themselves, until a message has carried it. */
  profile: { name?: string; email?: string } | null;
}

export class Store {
  #memory = new Map<string, string>();

  constructor(readonly channel: string) {}

  get<T>(what: string): T | null {
    const key = keyOf(this.channel, what);
    let text = this.#memory.get(key) ?? null;
    try {
      text = localStorage.getItem(key) ?? text;
    } catch {
      // No storage on this page.
    }
    try {
      return text === null ? null : (JSON.parse(text) as T);
    } catch {
      return null;
    }
  }

  set(what: string, value: unknown): void {
    const key = keyOf(this.channel, what);
    const text = value === null ? null : JSON.stringify(value);
    try {
      if (text === null) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
      this.#memory.delete(key);
      return;
    } catch {
      // No storage, or it is full.
    }
    if (text === null) this.#memory.delete(key);
    else this.#memory.set(key, text);
  }

  /** All that is kept under names that begin so. */
  all<T>(beginning: string): T[] {
    const prefix = keyOf(this.channel, beginning);
    let keys = [...this.#memory.keys()];
    try {
      keys = [...keys, ...Object.keys(localStorage)];
    } catch {
      // No storage on this page.
    }
    const names = [...new Set(keys)].filter((key) => key.startsWith(prefix)).map((key) => key.slice(keyOf(this.channel, '').length));
    return names.map((name) => this.get<T>(name)).filter((value) => value !== null);
  }

  forget(): void {
    this.#memory.clear();
    const prefix = keyOf(this.channel, '');
    try {
      for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
    } catch {
      // No storage on this page.
    }
  }
}
