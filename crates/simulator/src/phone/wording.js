// WhatsApp's way of writing: *bold*, _italic_, ~struck~, `code`, and addresses that can be followed.

const MARKS = { "*": "bold", _: "italic", "~": "strikethrough", "`": "code" };
const PATTERN = /(?<![\p{L}\p{N}])([*_~`])(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}])|https?:\/\/[^\s<>]+[^\s<>.,;:!?)]/su;

/** The text without its marks, and where they apply, in the form `bubble.js` draws. */
export function wording(text) {
  if (text === null || text === undefined) return { text: null, entities: [] };
  const entities = [];
  let plain = "";
  let rest = text;
  for (let found = PATTERN.exec(rest); found; found = PATTERN.exec(rest)) {
    plain += rest.slice(0, found.index);
    rest = rest.slice(found.index + found[0].length);
    const offset = plain.length;
    if (!found[1]) {
      plain += found[0];
      entities.push({ type: "url", offset, length: found[0].length });
      continue;
    }
    const inner = found[1] === "`" ? { text: found[2], entities: [] } : wording(found[2]);
    plain += inner.text;
    entities.push({ type: MARKS[found[1]], offset, length: inner.text.length });
    entities.push(...inner.entities.map((one) => ({ ...one, offset: one.offset + offset })));
  }
  return { text: plain + rest, entities };
}
