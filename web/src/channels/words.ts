/** How a channel's settings and state are said in the member's language. What is not known here is said as the server does, in English. */
import type { Channel, ChannelKind, Setting } from '../api/model';
import { t } from '../text/text';
import type { FieldWrong } from './form';

export function labelOf(kind: string, setting: Pick<Setting, 'key' | 'label'>): string {
  return t.spec[`${kind}.${setting.key}`]?.[0] ?? setting.label;
}

export function helpOf(kind: string, setting: Pick<Setting, 'key' | 'help' | 'type' | 'generated'>): string {
  const help = t.spec[`${kind}.${setting.key}`]?.[1] ?? setting.help;
  return [help, setting.generated ? t.channels.generated : ''].filter(Boolean).join(' ');
}

/** What the button says that leads to the provider's page. */
export function signInWords(kind: Pick<ChannelKind, 'kind' | 'label'>): string {
  return t.setup.signInWith[kind.kind] ?? t.setup.signIn(kind.label);
}

export function wrongWords(wrong: Readonly<Record<string, FieldWrong>>): Record<string, string> {
  return Object.fromEntries(Object.entries(wrong).map(([key, why]) => [key, t.setup.wrong[why]]));
}

/** What is wrong with a channel and what to do; empty while nothing is. */
export function troubleOf(channel: Pick<Channel, 'state' | 'state_reason' | 'state_detail'> & { authorization?: string | null }): string {
  if (channel.state !== 'needs_attention' || !channel.state_reason) return '';
  if (channel.authorization && channel.state_reason === 'reauthorise') return t.setup.signInAgain;
  const own = t.setup.reasons[channel.state_reason] ?? t.channels.reasons[channel.state_reason] ?? t.state.failures[channel.state_reason];
  const told = channel.state_detail ?? undefined;
  return own ?? told ?? t.channels.reason(channel.state_reason);
}

/** Why a channel does not work, in a sentence; what to do about it is said on its page. */
export function whyOf(channel: Parameters<typeof troubleOf>[0]): string {
  const all = troubleOf(channel);
  return /^.+?[.!?](?=\s|$)/.exec(all)?.[0] ?? all;
}

/** Which account it is, as people know it: names, and numbers as they are written. The provider's ids say nothing to anybody. */
export function accountOf(channel: Pick<Channel, 'id' | 'account' | 'quality'>): string[] {
  const known = Object.values(channel.account).filter((one) => one && one.length < 80 && one !== channel.id && one !== channel.quality && !/^\d+$/.test(one));
  return [...new Set(known)];
}

/** What the server says of a choice's words. */
export function choiceOf(key: string, word: string): string {
  return t.look.choices[`${key}.${word}`] ?? t.look.choices[word] ?? word;
}
