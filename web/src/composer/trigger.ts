/** What is being typed that more is offered for: `/` a canned reply, `@` a member, in the word that ends at the caret. */

export interface Trigger {
  mark: '/' | '@';
  /** What stands after the mark. */
  word: string;
  /** Where the mark stands. */
  from: number;
  to: number;
}

const LONGEST = 40;

/** `marks`: those that mean something here. */
export function triggerAt(text: string, caret: number, marks: readonly Trigger['mark'][]): Trigger | null {
  const before = text.slice(Math.max(0, caret - LONGEST - 1), caret);
  const match = /(?:^|[\s(])([/@])([^\s/@]*)$/u.exec(before);
  const mark = match?.[1] as Trigger['mark'] | undefined;
  if (!match || !mark || !marks.includes(mark)) return null;
  const word = match[2] ?? '';
  const from = caret - word.length - 1;
  // Cut off by the bound: what stands before it is not known to be a space.
  if (match.index === 0 && !/^[\s(]/u.test(match[0]) && from > 0) return null;
  return { mark, word, from, to: caret };
}

/** A text with something else in place of what triggered it, and where the caret is then. */
export function replaced(text: string, { from, to }: Pick<Trigger, 'from' | 'to'>, by: string): { text: string; caret: number } {
  const after = text.slice(to);
  // One space comes after it, and not two.
  const gap = after === '' || !/^\s/u.test(after) ? ' ' : '';
  return { text: text.slice(0, from) + by + gap + after, caret: from + by.length + 1 };
}

/** Those that a word fits, the best first: by the start of a key, inside a key, inside what else is looked at. */
export function fitting<T>(all: readonly T[], word: string, keys: (one: T) => readonly string[], also: (one: T) => string = () => ''): T[] {
  const wanted = folded(word);
  if (wanted === '') return [...all];
  const rank = (one: T) => {
    const names = keys(one).map(folded);
    if (names.some((name) => name === wanted)) return 0;
    if (names.some((name) => name.startsWith(wanted))) return 1;
    if (names.some((name) => name.includes(wanted))) return 2;
    return folded(also(one)).includes(wanted) ? 3 : 4;
  };
  return all
    .map((one, at) => ({ one, at, rank: rank(one) }))
    .filter((placed) => placed.rank < 4)
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map((placed) => placed.one);
}

export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
