/** Whether letters typed in haste mean a name: they must occur in order, and count for more where words begin and where they stand together. */

/** 0 when it does not fit, else the more the better. Neither case nor accents matter. */
export function score(typed: string, name: string): number {
  const wanted = Array.from(plain(typed).replace(/\s+/g, ''));
  const letters = Array.from(plain(name));
  if (wanted.length === 0) return 1;
  const points = Math.max(whole(wanted, letters), along(wanted, letters, atWords), along(wanted, letters, anywhere));
  return points / (1 + letters.length / 100);
}

type Next = (letter: string, letters: readonly string[], from: number) => number;

const anywhere: Next = (letter, letters, from) => letters.indexOf(letter, from);

/** Right where one is, or where the next word begins with it. */
const atWords: Next = (letter, letters, from) => {
  if (letters[from] === letter) return from;
  return letters.findIndex((one, at) => at > from && one === letter && begins(letters, at));
};

/** All in one piece where a word begins is worth more than any scattering; at the very beginning it is worth the most. */
function whole(wanted: readonly string[], letters: readonly string[]): number {
  const word = wanted.join('');
  if (letters.filter((letter) => letter !== ' ').join('').startsWith(word)) return 100;
  const starts = letters.map((_, at) => at).filter((at) => wanted.every((letter, more) => letters[at + more] === letter));
  if (starts.length === 0) return 0;
  return starts.some((at) => begins(letters, at)) ? 50 : 4 * wanted.length;
}

function along(wanted: readonly string[], letters: readonly string[], next: Next): number {
  let points = 0;
  let from = 0;
  for (const letter of wanted) {
    const at = next(letter, letters, from);
    if (at < 0) return 0;
    points += begins(letters, at) ? 5 : at === from && from > 0 ? 4 : 1;
    from = at + 1;
  }
  return points;
}

function begins(letters: readonly string[], at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(letters[at - 1] ?? ' ');
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
