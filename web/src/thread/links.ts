/** Finds the addresses in a text. Only http and https become links: nothing in a message can run. */

export interface TextPart {
  text: string;
  href?: string;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\u0000-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/gi;

export function linked(text: string): TextPart[] {
  const found: TextPart[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutTail(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ text: address, href: new URL(address).href });
    at = match.index + address.length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

/** A full stop or bracket after an address belongs to the sentence. */
function withoutTail(address: string): string {
  const bare = address.replace(/[.,;:!?…]+$/, '');
  return bare.endsWith(')') && !bare.includes('(') ? bare.slice(0, -1) : bare;
}
