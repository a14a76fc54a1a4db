/** What a thread shows, line by line: days, what is new, and messages gathered by author. */
import type { Message } from '../api/model';
import { sameDay } from '../shell/time';

export interface Row {
  message: Message;
  /** A new day begins above it. */
  startsDay: boolean;
  /** The first of its author's run: shows who. */
  starts: boolean;
  /** The last of its author's run: shows when, and its state. */
  ends: boolean;
  /** The first that had not been read when the thread was opened. */
  firstUnread: boolean;
}

const RUN = 5 * 60_000;

/** Rows of thousands of messages, made anew only where a message or its neighbour is another. */
export class Rows {
  #known = new WeakMap<Message, { before: Message | undefined; after: Message | undefined; begins: boolean; row: Row }>();

  /** `whole`: nothing comes before the first. Otherwise that is not taken for a beginning, which it would stop to be when more is there. */
  of(messages: readonly Message[], firstUnread: string | null = null, whole = true): Row[] {
    return messages.map((message, at) => {
      const before = messages[at - 1];
      const after = messages[at + 1];
      const marked = message.id === firstUnread;
      const begins = whole || before !== undefined;
      const known = this.#known.get(message);
      if (known && known.before === before && known.after === after && known.row.firstUnread === marked && known.begins === begins) return known.row;
      const row = rowOf(message, before, after, marked, begins);
      this.#known.set(message, { before, after, begins, row });
      return row;
    });
  }
}

export function rows(messages: readonly Message[], firstUnread: string | null = null): Row[] {
  return new Rows().of(messages, firstUnread);
}

/** The oldest of the `unread` last messages that came in; null if there is none. */
export function firstUnread(messages: readonly Message[], unread: number): Message | null {
  let left = unread;
  let found: Message | null = null;
  for (let at = messages.length - 1; at >= 0 && left > 0; at -= 1) {
    const message = messages[at] as Message;
    if (message.direction !== 'incoming') continue;
    found = message;
    left -= 1;
  }
  return found;
}

function rowOf(message: Message, before: Message | undefined, after: Message | undefined, marked: boolean, begins: boolean): Row {
  return {
    message,
    startsDay: before ? !onSameDay(before, message) : begins,
    starts: marked || (before ? !together(before, message) : begins),
    // A state that differs from the next one's must be seen, and so must a failure.
    ends: !after || !together(message, after) || message.state !== after.state || message.state === 'failed',
    firstUnread: marked,
  };
}

function together(one: Message, next: Message): boolean {
  return (
    one.direction === next.direction &&
    one.author.kind === next.author.kind &&
    one.author.id === next.author.id &&
    onSameDay(one, next) &&
    Date.parse(next.created_at) - Date.parse(one.created_at) < RUN
  );
}

function onSameDay(one: Message, other: Message): boolean {
  return sameDay(Date.parse(one.created_at), Date.parse(other.created_at));
}
