/**
 * Where each row of a long list lies, so that only those in sight need be made: sizes that were measured, guesses for what
 * nobody has seen yet. Knows nothing of the page; all lengths are CSS pixels.
 */
export interface Item {
  readonly key: string;
  /** How tall it may be, until it has been measured. */
  readonly guess: number;
}

/** A row, and how far above the upper edge of what is seen it begins. Below the edge, the offset is negative. */
export interface Anchor {
  readonly key: string;
  readonly offset: number;
}

export class Layout {
  #items: readonly Item[] = [];
  #at = new Map<string, number>();
  #measured = new Map<string, number>();
  /** Where each row begins, and after the last where all end. */
  #tops = new Float64Array(1);
  /** Rows from this one on may lie elsewhere than `#tops` says. */
  #stale = 0;

  get length(): number {
    return this.#items.length;
  }

  get total(): number {
    return this.top(this.#items.length);
  }

  /** These rows, in this order. Sizes once measured are kept by key. */
  arrange(items: readonly Item[]): void {
    this.#items = items;
    this.#at = new Map(items.map((item, at) => [item.key, at]));
    this.#tops = new Float64Array(items.length + 1);
    this.#stale = 0;
  }

  /** Answers whether that changes anything. */
  measure(key: string, size: number): boolean {
    const at = this.#at.get(key);
    const known = this.#measured.get(key) ?? (at === undefined ? undefined : this.#items[at]?.guess);
    this.#measured.set(key, size);
    if (at === undefined || known === size) return false;
    this.#stale = Math.min(this.#stale, at);
    return true;
  }

  /** Whether a row's size is known rather than guessed. */
  knows(key: string): boolean {
    return this.#measured.has(key);
  }

  /** The width has changed: what was measured holds no longer. */
  forget(): void {
    this.#measured.clear();
    this.#stale = 0;
  }

  indexOf(key: string): number {
    return this.#at.get(key) ?? -1;
  }

  keyAt(at: number): string | undefined {
    return this.#items[at]?.key;
  }

  size(at: number): number {
    const item = this.#items[at];
    return item ? (this.#measured.get(item.key) ?? item.guess) : 0;
  }

  /** Where a row begins; of the row after the last, where the last ends. */
  top(at: number): number {
    for (; this.#stale < this.#items.length; this.#stale += 1) this.#tops[this.#stale + 1] = (this.#tops[this.#stale] ?? 0) + this.size(this.#stale);
    return this.#tops[Math.min(Math.max(at, 0), this.#items.length)] ?? 0;
  }

  /** The row that covers a height; the first or the last beyond the ends. -1 if there is none. */
  rowAt(height: number): number {
    let low = 0;
    let high = this.#items.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.top(middle) <= height) low = middle;
      else high = middle - 1;
    }
    return this.#items.length === 0 ? -1 : low;
  }

  /** The rows that touch a stretch: from the first, to before the last. */
  between(from: number, to: number): [number, number] {
    if (this.#items.length === 0) return [0, 0];
    return [this.rowAt(from), this.rowAt(to) + 1];
  }

  /** The rows that touch a stretch, each with where the stretch begins as seen from it. */
  anchors(from: number, to: number): Anchor[] {
    const [first, last] = this.between(from, to);
    const all: Anchor[] = [];
    for (let at = first; at < last; at += 1) all.push({ key: this.keyAt(at) as string, offset: from - this.top(at) });
    return all;
  }

  /** The height at which an anchor lies now; null if its row is gone. */
  heightOf(anchor: Anchor): number | null {
    const at = this.indexOf(anchor.key);
    return at < 0 ? null : this.top(at) + anchor.offset;
  }

  /**
   * Where most of these rows put the stretch they were seen in, now that rows may have come, gone or moved; the upper ones decide
   * where as many say one thing as another. Null if none is left.
   */
  heightOfMost(anchors: readonly Anchor[]): number | null {
    const votes = new Map<number, number>();
    let best: number | null = null;
    for (const anchor of anchors) {
      const height = this.heightOf(anchor);
      if (height === null) continue;
      votes.set(height, (votes.get(height) ?? 0) + 1);
      best ??= height;
    }
    for (const [height, count] of votes) if (count > (votes.get(best as number) ?? 0)) best = height;
    return best;
  }
}
