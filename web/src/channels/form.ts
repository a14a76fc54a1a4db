/** From what was typed to what the server takes. */
import type { ChannelKind } from '../api/model';

/** A list is one item on each line. What was left empty is left out, so that the server's own default or generated value holds. */
export function settingsOf(kind: Pick<ChannelKind, 'settings'>, typed: Readonly<Record<string, string>>): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const { key, type } of kind.settings) {
    const value = (typed[key] ?? '').trim();
    if (!value) continue;
    settings[key] = type === 'list' ? value.split('\n').map((line) => line.trim()).filter(Boolean).join('\n') : value;
  }
  return settings;
}
