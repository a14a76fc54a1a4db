/**
 * How versions of one message become what is shown.
 *
 * Content follows the newest version (see live/held). The state of a sent message has a rule of its own: it never goes
 * backwards, except that a failed one may be tried again. To be right whatever the order of arrival, every state told so far
 * is kept with its number, and what is shown is what they come to in their own order. So any order, with any repetition,
 * ends in the same place.
 */
import type { Message } from '../api/model';

interface Fate {
  readonly state: Message['state'];
  readonly failure: Message['failure'];
  readonly seq: number;
}

export interface HeldMessage {
  readonly value: Message;
  readonly seq: number;
  /** Every state told, by number. A handful for each message. */
  readonly fates: readonly Fate[];
}

const FAR: Record<Message['state'], number> = { failed: 0, queued: 1, received: 2, sent: 2, delivered: 3, read: 4 };
const ARRIVED = FAR.delivered;

export function settle(known: HeldMessage | undefined, message: Message, seq: number): HeldMessage {
  const told = { state: message.state, failure: message.failure, seq };
  const others = (known?.fates ?? []).filter((fate) => fate.seq !== seq);
  const fates = [...others, told].sort((one, other) => one.seq - other.seq);
  const { state, failure } = fates.reduce(next);
  const content = known && known.seq > seq ? known.value : message;
  return { value: { ...content, state, failure }, seq: Math.max(known?.seq ?? seq, seq), fates };
}

/** What a state comes to when another is told after it. */
function next(fate: Fate, told: Fate): Fate {
  // What has arrived cannot fail any more; anything else can, and what failed may be tried again.
  if (told.state === 'failed') return FAR[fate.state] >= ARRIVED ? fate : told;
  return fate.state === 'failed' || FAR[told.state] >= FAR[fate.state] ? told : fate;
}

/** By the place that the server gave: what contacts' clocks say may contradict it. */
export function inOrder(one: Message, other: Message): number {
  return one.seq - other.seq;
}
