/** Conversations chosen for one change to all of them. */
import { SvelteSet } from 'svelte/reactivity';

export class Selection {
  #ids = new SvelteSet<string>();
  /** The last one chosen by itself: with Shift, everything from there is. */
  #from: string | null = null;

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Those chosen, in the order of the list. What the list no longer shows is not among them. */
  among(list: readonly string[]): string[] {
    return list.filter((id) => this.#ids.has(id));
  }

  turn(id: string): void {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#from = id;
  }

  /** Chooses everything between the last one chosen and this one. */
  extend(to: string, list: readonly string[]): void {
    const [one, other] = [list.indexOf(this.#from ?? to), list.indexOf(to)];
    if (other < 0) return;
    for (const id of one < 0 ? [to] : list.slice(Math.min(one, other), Math.max(one, other) + 1)) this.#ids.add(id);
    this.#from ??= to;
  }

  all(list: readonly string[]): void {
    for (const id of list) this.#ids.add(id);
  }

  clear(): void {
    this.#ids.clear();
    this.#from = null;
  }
}
