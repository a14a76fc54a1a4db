/** Members whom a note names: `@Ada Lovelace`. */
import type { Member } from '../api/model';

type Named = Pick<Member, 'id' | 'name'>;

/** Where a name stands in a text. */
export interface Mention {
  id: string;
  from: number;
  to: number;
}

/** In the order of the text. Of two names that begin alike, the longer one is meant. */
export function mentionsIn(text: string, members: readonly Named[]): Mention[] {
  const byLength = [...members].filter((one) => one.name.trim()).sort((one, other) => other.name.length - one.name.length);
  const found: Mention[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) continue;
    const rest = text.slice(at + 1).toLowerCase();
    const named = byLength.find(({ name }) => rest.startsWith(name.toLowerCase()) && !/^[\p{L}\p{N}]/u.test(rest.slice(name.length)));
    if (named) found.push({ id: named.id, from: at, to: at + 1 + named.name.length });
  }
  return found;
}

export function mentionIds(text: string, members: readonly Named[]): string[] {
  return [...new Set(mentionsIn(text, members).map((one) => one.id))];
}
