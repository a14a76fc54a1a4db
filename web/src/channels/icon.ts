/** The picture of a kind of channel. The one place in the app that knows kinds by name. */
import type { Component } from 'svelte';
import Braces from '@lucide/svelte/icons/braces';
import Globe from '@lucide/svelte/icons/globe';
import Mail from '@lucide/svelte/icons/mail';
import Camera from '@lucide/svelte/icons/camera';
import MessageCircle from '@lucide/svelte/icons/message-circle';
import MessageSquare from '@lucide/svelte/icons/message-square';
import Phone from '@lucide/svelte/icons/phone';
import Send from '@lucide/svelte/icons/send';
import Smartphone from '@lucide/svelte/icons/smartphone';
import PhoneBubble from './PhoneBubble.svelte';

export type Icon = Component<{ size?: number; strokeWidth?: number }>;

const BY_START: readonly [string, Icon][] = [
  ['telegram', Send],
  ['whatsapp', PhoneBubble],
  ['messenger', MessageSquare],
  ['instagram', Camera],
  ['web', Globe],
  ['api', Braces],
  ['email', Mail],
  ['gmail', Mail],
  ['outlook', Mail],
  ['sms', Smartphone],
  ['voice', Phone],
];

export function channelIcon(kind: string | undefined): Icon {
  return BY_START.find(([start]) => kind?.startsWith(start))?.[1] ?? MessageCircle;
}

/** Where anybody can write to a channel, for kinds that have an address on the web; null for others. */
export function publicAddress({ kind, account }: { kind: string; account: Readonly<Record<string, string>> }): string | null {
  const handle = /^@(\w+)$/.exec(account.label ?? '')?.[1];
  return kind.startsWith('telegram') && handle ? `https://t.me/${handle}` : null;
}
