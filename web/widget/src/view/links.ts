// Text from outside as text, with links that lead where they say.
import { el } from './dom';

const LINK = /https?:\/\/[^\s<>"'`\u2066-\u2069\u202a-\u202e]+/gi;

/** The parts of a text: words, and addresses of http and https. What closes a sentence is not the address's. */
export function parts(text: string): { text: string; link: boolean }[] {
  const found: { text: string; link: boolean }[] = [];
  let from = 0;
  const say = (to: number) => to > from && found.push({ text: text.slice(from, to), link: false });
  for (const match of text.matchAll(LINK)) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    say(match.index);
    found.push({ text: address, link: true });
    from = match.index + address.length;
  }
  say(text.length);
  return found;
}

function trimmed(address: string): string {
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1]!;
    const open = last === ')' && count(address.slice(0, end), ')') > count(address.slice(0, end), '(');
    if (!open && !'.,;:!?'.includes(last)) break;
  }
  return address.slice(0, end);
}

const count = (text: string, letter: string) => text.split(letter).length - 1;

export function linked(text: string, opensElsewhere: string): (Node | string)[] {
  return parts(text).map((part) =>
    part.link
      ? el('a', { href: part.text, target: '_blank', rel: 'noopener noreferrer nofollow ugc', textContent: part.text, title: opensElsewhere })
      : part.text,
  );
}
