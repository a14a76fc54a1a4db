/** Whether the channel lets a free reply go now, and for how long still. */
import type { Conversation } from '../api/model';

const HOUR = 3_600_000;
/** From here on it is worth saying. */
const SOON = 6 * HOUR;

/** `never`: the contact has not written yet, so that there has been no window. */
export type WindowState = { kind: 'open' } | { kind: 'never' } | { kind: 'closing'; hours: number; minutes: number } | { kind: 'closed' };

export function windowOf(conversation: Pick<Conversation, 'window' | 'created_at'>, now: number): WindowState {
  const until = Date.parse(conversation.window?.open_until ?? '');
  // Without a window there is none that could close.
  if (Number.isNaN(until)) return { kind: 'open' };
  // One that begins with us is closed from its beginning, until they write.
  if (until <= Date.parse(conversation.created_at)) return { kind: 'never' };
  const left = until - now;
  if (left <= 0) return { kind: 'closed' };
  if (left >= SOON) return { kind: 'open' };
  return { kind: 'closing', hours: Math.floor(left / HOUR), minutes: Math.ceil(left / 60_000) };
}
