/** What a thread shows, line by line: days, and messages gathered by author. */
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
}

const RUN = 5 * 60_000;

export function rows(messages: readonly Message[]): Row[] {
  return messages.map((message, at) => {
    const before = messages[at - 1];
    const after = messages[at + 1];
    return {
      message,
      startsDay: !before || !onSameDay(before, message),
      starts: !before || !together(before, message),
      // A state that differs from the next one's must be seen, and so must a failure.
      ends: !after || !together(message, after) || message.state !== after.state || message.state === 'failed',
    };
  });
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
