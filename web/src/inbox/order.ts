/** The orders of a list. Each is total, so that pages, events and what is known already can be joined in one way only. */
import type { Conversation, Priority } from '../api/model';
import type { Sort } from './filter';

const RANK: Record<Priority, number> = { urgent: 3, high: 2, normal: 1, low: 0 };

/** Where a conversation stands: compared number by number, each the greater first, and by id where all are the same. */
export interface Place {
  readonly numbers: readonly number[];
  readonly id: string;
}

export function placeOf(sort: Sort, one: Conversation): Place {
  const active = movedAt(one);
  switch (sort) {
    case 'active': return { numbers: [active], id: one.id };
    // Who waits longest comes first, and whoever waits for nothing comes after all who do.
    case 'waiting': return { numbers: one.waiting_since ? [1, -moment(one.waiting_since)] : [0, active], id: one.id };
    case 'priority': return { numbers: [RANK[one.priority], active], id: one.id };
  }
}

/** Below zero if `one` comes first. */
export function compare(one: Place, other: Place): number {
  for (let at = 0; at < one.numbers.length; at += 1) {
    const by = (other.numbers[at] ?? 0) - (one.numbers[at] ?? 0);
    if (by !== 0) return by;
  }
  return one.id < other.id ? 1 : one.id > other.id ? -1 : 0;
}

/** The moment of a conversation's last movement, in milliseconds: texts of moments do not sort where zeros are left out. */
export function movedAt(conversation: Conversation): number {
  return moment(conversation.active_at);
}

function moment(text: string): number {
  return Date.parse(text) || 0;
}
