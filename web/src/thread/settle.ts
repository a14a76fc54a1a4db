/**
 * How versions of one message become what is shown.
 *
 * Content follows the newest version (see live/held). The state of a sent message has an order of its own and never
 * goes backwards: queued, then sent or failed, then delivered, then read. Both rules together are a join: any order of arrival, with any
 * repetition, ends in the same place.
 */
import type { Message } from '../api/model';

export interface HeldMessage {
  readonly value: Message;
  readonly seq: number;
  /** The version whose state is shown. */
  readonly fate: { readonly state: Message['state']; readonly failure: Message['failure']; readonly seq: number };
}

/** `failed` stands beside `sent`: a send with an unknown outcome may still turn out delivered, a sent one may bounce. */
const RANK: Record<Message['state'], number> = { queued: 0, received: 1, sent: 1, failed: 1, delivered: 2, read: 3 };

export function settle(known: HeldMessage | undefined, message: Message, seq: number): HeldMessage {
  const told = { state: message.state, failure: message.failure, seq };
  if (!known) return { value: message, seq, fate: told };
  const fate = further(known.fate, told);
  const content = known.seq > seq ? known.value : message;
  return { value: { ...content, state: fate.state, failure: fate.failure }, seq: Math.max(known.seq, seq), fate };
}

function further(known: HeldMessage['fate'], told: HeldMessage['fate']): HeldMessage['fate'] {
  const ahead = (RANK[told.state] ?? 0) - (RANK[known.state] ?? 0);
  if (ahead !== 0) return ahead > 0 ? told : known;
  return told.seq >= known.seq ? told : known;
}

/** By time, then by id: ids grow with time, so that messages of one moment keep their order. */
export function inOrder(one: Message, other: Message): number {
  return compare(one.created_at, other.created_at) || compare(one.id, other.id);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
