/**
 * What the app holds of a thing that both pages and live events tell about.
 *
 * Each version carries the number of the event that told it; a version that came with a page carries the number of the
 * last event seen when the page was asked for (the page is at least that new). The higher number wins, so
 * duplicates and stragglers do no harm and the order of arrival does not matter.
 */
export interface Held<T> {
  readonly value: T;
  readonly seq: number;
}

/** The version to hold after `value` was told as of `seq`. */
export function newest<T>(known: Held<T> | undefined, value: T, seq: number): Held<T> {
  return known && known.seq > seq ? known : { value, seq };
}
