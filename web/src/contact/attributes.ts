/** A contact's own fields, as they are shown and as they are kept. */
type Attributes = Readonly<Record<string, unknown>>;

export function shown(value: unknown): string {
  return typeof value === 'string' ? value : value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** With a value of the kind that was there: a number stays a number, yes and no stay that. Nothing takes the field away. */
export function withValue(attributes: Attributes, key: string, typed: string): Record<string, unknown> {
  const next = { ...attributes };
  const before = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  if (shown(before) === typed) return next;
  const text = typed.trim();
  if (text === '') delete next[key];
  else Object.defineProperty(next, key, { value: ofKind(before, text), enumerable: true, configurable: true, writable: true });
  return next;
}

function ofKind(before: unknown, text: string): unknown {
  if (typeof before === 'number' && Number.isFinite(Number(text))) return Number(text);
  if (typeof before === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (typeof before === 'object' && before !== null) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}
