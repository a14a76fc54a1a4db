/** Long texts, shown in portions: nobody waits for a megabyte to be laid out, and no message fills a hundred screens unasked. */

/** How much is shown at first, and how much each further time. Whichever bound is met first counts. */
const FIRST = { letters: 3_000, lines: 30 };
const NEXT = { letters: 60_000, lines: 1_000 };

export interface Folded {
  text: string;
  /** How many units of the text are not shown. */
  left: number;
}

/** `times`: how often more was asked for. */
export function folded(text: string, times: number): Folded {
  const letters = FIRST.letters + times * NEXT.letters;
  const lines = FIRST.lines + times * NEXT.lines;
  let end = Math.min(text.length, letters);
  let at = -1;
  for (let line = 0; line < lines; line += 1) {
    at = text.indexOf('\n', at + 1);
    if (at < 0 || at >= end) break;
    if (line === lines - 1) end = at;
  }
  // What is only a little more is shown, too.
  if (text.length - end < FIRST.letters / 5 && at < 0) end = text.length;
  // Never between the halves of one character.
  if (end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1] ?? '')) end -= 1;
  return { text: text.slice(0, end), left: text.length - end };
}

/** A name as it is, without the signs that turn the direction of writing and so can make `exe` look like `jpg`. */
export function plainName(name: string): string {
  return name.replace(/[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '').replace(/\p{Cc}/gu, ' ').trim();
}
