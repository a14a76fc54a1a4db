/** Cuts a text into marked and unmarked parts. Offsets count characters as the server does: Unicode scalar values, not UTF-16 units. */

export interface Part {
  text: string;
  marked: boolean;
}

export function parts(text: string, spans: readonly (readonly [number, number])[]): Part[] {
  const characters = Array.from(text);
  const cut: Part[] = [];
  let at = 0;
  for (const [from, to] of joined(spans, characters.length)) {
    if (from > at) cut.push({ text: characters.slice(at, from).join(''), marked: false });
    cut.push({ text: characters.slice(from, to).join(''), marked: true });
    at = to;
  }
  if (at < characters.length) cut.push({ text: characters.slice(at).join(''), marked: false });
  return cut;
}

/** In order, inside the text, overlapping ones made one. */
function joined(spans: readonly (readonly [number, number])[], length: number): [number, number][] {
  const valid = spans
    .map(([from, to]): [number, number] => [Math.max(0, from), Math.min(length, to)])
    .filter(([from, to]) => from < to)
    .sort((one, other) => one[0] - other[0]);
  const apart: [number, number][] = [];
  for (const [from, to] of valid) {
    const last = apart.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else apart.push([from, to]);
  }
  return apart;
}
