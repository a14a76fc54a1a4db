/** What a member is just sending: written, not yet taken by the server. */
import type { Attachment, Conversation, Message, NewMessage, NewTemplate } from '../api/model';
import type { Problem } from '../api/problem';

export interface Outgoing {
  text: string;
  /** What it is about, where it is not what the conversation is about. */
  subject?: string | null;
  note: boolean;
  attachments: Attachment[];
  replyTo: Message | null;
  /** Members whom a note names. */
  mentions?: string[];
  /** Instead of a text; `text` then says how it will read. */
  template?: NewTemplate;
  /** Sent at that moment, RFC 3339, and until then only planned. */
  sendAt?: string;
  /** Held back for so many seconds, in which it can be taken back. */
  hold?: number;
  /** What becomes of the conversation with it. */
  then?: Conversation['status'];
}

/** A message that the server has not confirmed yet. */
export interface Pending extends Outgoing {
  /** Its idempotency key: a repetition cannot send twice. */
  readonly key: string;
  readonly createdAt: string;
  problem: Problem | null;
  /** The message that the live stream has already shown for it. */
  shownAs: string | null;
}

export function orderOf(one: Outgoing): NewMessage {
  return {
    ...(one.template ? { template: one.template } : one.text ? { text: one.text } : {}),
    ...(one.subject && !one.note ? { subject: one.subject } : {}),
    ...(one.attachments.length ? { attachments: one.attachments.map((file) => file.id) } : {}),
    ...(one.note ? { note: true } : {}),
    ...(one.replyTo ? { reply_to: one.replyTo.id } : {}),
    ...(one.note && one.mentions?.length ? { mention_ids: one.mentions } : {}),
    ...(one.sendAt ? { send_at: one.sendAt } : one.hold ? { hold_seconds: one.hold } : {}),
    ...(one.then ? { then: one.then } : {}),
  };
}

/** Whether a message that appeared may be the one that is being sent. */
export function says(one: Outgoing, message: Message): boolean {
  return (
    !one.sendAt &&
    one.note === (message.direction === 'note') &&
    (one.template ? message.template?.name === one.template.name : one.text === (message.text ?? '')) &&
    one.attachments.length === message.attachments.length
  );
}
