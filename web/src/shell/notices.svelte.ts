/** Short words about something that just happened, which go away by themselves. */
export interface Notice {
  id: number;
  kind: 'done' | 'wrong';
  text: string;
  /** Something that can still be done about it, such as taking it back. */
  action?: { label: string; run: () => void };
}

const SHOWN_FOR = 5_000;
/** What asks for a decision, or tells that something went wrong, stays longer. */
const SHOWN_LONGER = 10_000;
/** More than this at once would be in the way. */
const MOST = 3;

export class Notices {
  all = $state<Notice[]>([]);
  #last = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #left = new Map<number, number>();

  done(text: string, action?: Notice['action']): number {
    return this.#add({ kind: 'done', text, action }, action ? SHOWN_LONGER : SHOWN_FOR);
  }

  wrong(text: string, action?: Notice['action']): number {
    return this.#add({ kind: 'wrong', text, action }, SHOWN_LONGER);
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#left.delete(id);
    this.all = this.all.filter((notice) => notice.id !== id);
  }

  act(id: number): void {
    const notice = this.all.find((one) => one.id === id);
    this.dismiss(id);
    notice?.action?.run();
  }

  /** The newest that can be taken back, for the key that does so. False if there is none. */
  undo(): boolean {
    const notice = this.all.findLast((one) => one.action);
    if (notice) this.act(notice.id);
    return Boolean(notice);
  }

  /** While somebody reads or reaches for one, none goes away. */
  hold(on: boolean): void {
    for (const { id } of this.all) {
      clearTimeout(this.#timers.get(id));
      if (!on) this.#leave(id, this.#left.get(id) ?? SHOWN_FOR);
    }
  }

  #add(notice: Omit<Notice, 'id'>, stays: number): number {
    const id = (this.#last += 1);
    this.all.push({ ...notice, id });
    for (const { id: old } of this.all.slice(0, -MOST)) this.dismiss(old);
    this.#leave(id, stays);
    return id;
  }

  #leave(id: number, after: number): void {
    this.#left.set(id, after);
    this.#timers.set(id, setTimeout(() => this.dismiss(id), after));
  }
}
