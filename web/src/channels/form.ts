/** From what a kind of channel says that it needs to a form: what is asked, what is wrong with what was entered, and what the server is given. */
import type { Channel, ChannelKind, Setting } from '../api/model';

export type Typed = Readonly<Record<string, string>>;
export type FieldWrong = 'required' | 'url' | 'origin' | 'colour' | 'choice';

/** Whether a person has to enter it: what is made by the platform need not be. */
export function needed(setting: Pick<Setting, 'required' | 'generated'>): boolean {
  return setting.required && !setting.generated;
}

/** With as many a form begins where nothing has to be entered. */
const FEW = 3;

/** Those that a form shows first, and those that most people leave as they are or choose later. */
export function parted(settings: readonly Setting[]): { first: Setting[]; later: Setting[] } {
  const must = settings.filter(needed);
  const first = must.length > 0 ? must : settings.filter((one) => !one.generated).slice(0, FEW);
  return { first, later: settings.filter((one) => !first.includes(one)) };
}

/** What stands in the fields: what is set, or for a choice its default. Secrets are never told. */
export function typedOf(kind: Pick<ChannelKind, 'settings'>, settings: Typed = {}): Record<string, string> {
  return Object.fromEntries(kind.settings.map(({ key, choices, secret }) => [key, secret ? '' : (settings[key] ?? choices[0] ?? '')]));
}

/** What a person can see without asking the server. Whatever else is wrong, it says itself. */
export function wrongWith(settings: readonly Setting[], typed: Typed): Record<string, FieldWrong> {
  const wrong: Record<string, FieldWrong> = {};
  for (const setting of settings) {
    const value = (typed[setting.key] ?? '').trim();
    const found = value ? shapeOf(setting, value) : needed(setting) ? 'required' : null;
    if (found) wrong[setting.key] = found;
  }
  return wrong;
}

function shapeOf({ type, choices, key }: Setting, value: string): FieldWrong | null {
  switch (type) {
    case 'url': return !isUrl(value) ? 'url' : null;
    case 'colour': return /^#[0-9a-f]{6}$/i.test(value) ? null : 'colour';
    case 'choice': return choices.includes(value) ? null : 'choice';
    // The one list of addresses that forms ask for.
    case 'list': return key === 'allowed_origins' && !lines(value).every(isOrigin) ? 'origin' : null;
    default: return null;
  }
}

function isUrl(value: string): boolean {
  return /^https?:\/\//i.test(value) && URL.canParse(value);
}

/** `https://www.example.com`, `https://*.example.com`: nothing behind the host. */
function isOrigin(value: string): boolean {
  return /^https?:\/\/(\*\.)?[^/\s*?#@]+$/i.test(value);
}

function lines(value: string): string[] {
  return value.split('\n').map((line) => line.trim()).filter(Boolean);
}

function cleaned({ type }: Pick<Setting, 'type'>, value: string | undefined): string {
  const text = (value ?? '').trim();
  return type === 'list' ? lines(text).join('\n') : text;
}

/** A list is one item on each line. What was left empty is left out, so that the server's own default or generated value holds. */
export function settingsOf(kind: Pick<ChannelKind, 'settings'>, typed: Typed): Record<string, string> {
  return Object.fromEntries(kind.settings.map((setting) => [setting.key, cleaned(setting, typed[setting.key])] as const).filter(([, value]) => value));
}

/** What changes about a channel: null takes a setting away; secrets are changed elsewhere. */
export function changesOf(kind: Pick<ChannelKind, 'settings'>, now: Typed, typed: Typed): Record<string, string | null> {
  const changes: Record<string, string | null> = {};
  for (const setting of kind.settings.filter((one) => !one.secret)) {
    const [before, after] = [now[setting.key] ?? '', cleaned(setting, typed[setting.key])];
    // The default of a choice need not be said.
    if (after !== before && !(before === '' && after === setting.choices[0])) changes[setting.key] = after || null;
  }
  return changes;
}

/** Whether a kind is a chat on a website, which has a look and is put there by a line of HTML. */
export function hasLook(kind: Pick<ChannelKind, 'settings'> | undefined): boolean {
  return ['colour', 'allowed_origins'].every((key) => kind?.settings.some((one) => one.key === key));
}

/** The line of HTML that puts the chat on a page. The hook's address tells where the platform is. */
export function snippetOf(channel: Pick<Channel, 'id' | 'hook_url'>): string {
  const base = channel.hook_url.replace(/\/hooks\/[^/]*$/, '');
  return `<script async src="${base}/widget.js" data-channel="${channel.id}"></script>`;
}
