/**
 * The words of the member's language: `t.inbox.title`.
 *
 * Only the language that is spoken is loaded, before anything is shown; when the member chooses another, everything is shown
 * anew. So `t` is read where something is shown or said, never while a module is being loaded.
 */
import type { Text as First } from './en';
import type { More } from './en/more';

/** Everything there is to say. What is in `More` is only there where `withMore` brought it. */
export type Text = First & More;

export const LANGUAGES = { en: 'English', it: 'Italiano', es: 'Español', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const FILES: Record<Language, () => Promise<{ default: First }>> = {
  en: () => import('./en'),
  it: () => import('./it'),
  es: () => import('./es'),
  de: () => import('./de'),
};

/** The words of screens that few open on most days. */
const MORE: Record<Language, () => Promise<{ default: More }>> = {
  en: () => import('./en/more'),
  it: () => import('./it/more'),
  es: () => import('./es/more'),
  de: () => import('./de/more'),
};

export let t: Text;

let spoken: Language = 'en';
let moreWanted = false;

export async function speak(language: Language): Promise<void> {
  const [first, more] = await Promise.all([FILES[language](), moreWanted ? MORE[language]() : undefined]);
  t = { ...first.default, ...more?.default } as Text;
  spoken = language;
}

/** Loads a screen together with the words that only such screens need. */
export async function withMore<T>(screen: Promise<T>): Promise<T> {
  moreWanted = true;
  const [loaded] = await Promise.all([screen, t && 'office' in t ? undefined : speak(spoken)]);
  return loaded;
}

/** The language of `t`. */
export function language(): Language {
  return spoken;
}

/** Of `wishes` (BCP 47 tags, the dearest first) the first that is spoken here. */
export function understood(wishes: readonly (string | null | undefined)[]): Language {
  const found = wishes.map((wish) => wish?.toLowerCase().split('-')[0] ?? '').find((wish) => Object.hasOwn(LANGUAGES, wish));
  return (found as Language | undefined) ?? 'en';
}
