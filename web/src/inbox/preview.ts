/** One line about a message, for the list. */
import type { Message } from '../api/model';
import { t } from '../text/text';
import { plainName } from '../thread/fold';

export function preview(message: Message | null | undefined): string {
  if (!message) return t.inbox.noMessage;
  if (message.removed_at) return t.inbox.removed;
  if (message.text) return message.text.slice(0, 160).replace(/\s+/g, ' ');
  if (message.subject) return message.subject;
  const file = message.attachments?.[0];
  if (file) return plainName(file.name ?? '') || t.inbox.attachment;
  if (message.place) return message.place.name || t.inbox.place;
  if (message.cards?.length) return t.inbox.card;
  if (message.origin) return t.thread.origins[message.origin.kind] ?? message.origin.kind;
  return t.thread.oddities[message.unsupported ?? ''] ?? message.unsupported ?? '';
}
