/** Contacts that were asked for, so that two parts of the screen that want to know the same ask once. */
import { SvelteMap } from 'svelte/reactivity';
import type { Contact } from '../api/model';

export class KnownContacts {
  #held = new SvelteMap<string, Contact>();
  #asked = new Map<string, Promise<Contact>>();

  constructor(private readonly ask: (id: string) => Promise<Contact>) {}

  /** As it was when it was last asked for. */
  get(id: string): Contact | undefined {
    return this.#held.get(id);
  }

  /** Asks anew; who else asks meanwhile gets the same answer. */
  load(id: string): Promise<Contact> {
    const asked = this.#asked.get(id);
    if (asked) return asked;
    const now = this.ask(id).then((contact) => {
      this.#held.set(id, contact);
      return contact;
    });
    this.#asked.set(id, now);
    const over = () => void this.#asked.delete(id);
    now.then(over, over);
    return now;
  }

  forget(id: string): void {
    this.#held.delete(id);
  }
}
