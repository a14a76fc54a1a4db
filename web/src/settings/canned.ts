/** What a canned reply may be, as the server takes it. */
import { VARIABLES } from '../composer/fill';

/** The word without the slash that some type before it. */
export function shortcutOf(typed: string): string {
  return typed.trim().replace(/^\//, '');
}

/** Whatever stands in double braces and is no variable. */
export function unknownVariables(text: string): string[] {
  const named = [...text.matchAll(/\{\{([^{}]*)\}\}/g)].map((found) => (found[1] ?? '').trim());
  return [...new Set(named.filter((name) => !(VARIABLES as readonly string[]).includes(name)))];
}

export type Wrong = 'needed' | 'spaces' | 'long' | 'textNeeded' | 'variables';

export function wrongWith(shortcut: string, text: string): { shortcut?: Wrong; text?: Wrong } {
  const word = shortcutOf(shortcut);
  const wrong: { shortcut?: Wrong; text?: Wrong } = {};
  if (!word) wrong.shortcut = 'needed';
  else if (/\s/.test(word)) wrong.shortcut = 'spaces';
  else if ([...word].length > 40) wrong.shortcut = 'long';
  if (!text.trim()) wrong.text = 'textNeeded';
  else if (unknownVariables(text).length) wrong.text = 'variables';
  return wrong;
}
