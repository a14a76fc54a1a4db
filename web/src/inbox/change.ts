/** What a change makes of a conversation, and what undoes it. */
import type { ChangeOutcome, Conversation, ConversationChange } from '../api/model';

/** How it will be, before the server has said so. */
export function changed(conversation: Conversation, change: ConversationChange): Conversation {
  const { read, unread, snoozed_until, ...fields } = change;
  const after: Conversation = { ...conversation, ...fields };
  if (read) after.unread_count = 0;
  if (unread) after.unread_count = Math.max(1, conversation.unread_count);
  if (snoozed_until) Object.assign(after, { status: 'snoozed', snoozed_until });
  else if (after.status !== 'snoozed') after.snoozed_until = null;
  if (after.status === 'resolved') after.waiting_since = null;
  return after;
}

/** Conversations that one and the same change brings back to how they were. */
export interface Reversal {
  readonly ids: string[];
  readonly change: ConversationChange;
}

/** What brings everything back that was changed. Only what the change named is brought back: the rest may have moved on since. */
export function reversals(outcomes: readonly ChangeOutcome[], change: ConversationChange): Reversal[] {
  const found = new Map<string, Reversal>();
  for (const outcome of outcomes) {
    if (!outcome.changed || !outcome.before) continue;
    const back = wayBack(outcome.before, change);
    const words = JSON.stringify(back);
    const known = found.get(words);
    if (known) known.ids.push(outcome.id);
    else found.set(words, { ids: [outcome.id], change: back });
  }
  return [...found.values()];
}

function wayBack(before: NonNullable<ChangeOutcome['before']>, change: ConversationChange): ConversationChange {
  const back: ConversationChange = {};
  if (change.status !== undefined || change.snoozed_until !== undefined) {
    // A moment that has passed meanwhile would wake it at once, which is what it would have done by itself.
    if (before.status === 'snoozed' && before.snoozed_until) back.snoozed_until = before.snoozed_until;
    else back.status = before.status;
  }
  if (change.assignee_id !== undefined) back.assignee_id = before.assignee_id ?? null;
  if (change.team_id !== undefined) back.team_id = before.team_id ?? null;
  if (change.labels !== undefined) back.labels = before.labels;
  if (change.priority !== undefined) back.priority = before.priority;
  if (change.attributes !== undefined) back.attributes = before.attributes;
  if (change.read) back.unread = true;
  if (change.unread) back.read = true;
  return back;
}
