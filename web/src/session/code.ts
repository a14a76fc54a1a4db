/** A second factor's code as it is typed or pasted: with spaces, in groups, with the word around it. */

/** Without what only makes it easier to read. Letters stay: codes for when the app is lost have them. */
export function codeOf(typed: string): string {
  return typed.replace(/[\s\u00AD\u200B-\u200D\uFEFF]/g, '').replace(/^(\d{3})-(\d{3})$/, '$1$2');
}

/** From 1, easily guessed, to 4. Length counts most; what is all of one kind, or repeats itself, counts for less. */
export function strength(password: string): 0 | 1 | 2 | 3 | 4 {
  const characters = Array.from(password);
  if (characters.length === 0) return 0;
  const different = new Set(characters).size;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
  const worth = Math.min(characters.length, different * 2) + (kinds - 1) * 2;
  return worth >= 20 ? 4 : worth >= 15 ? 3 : worth >= 11 ? 2 : 1;
}
