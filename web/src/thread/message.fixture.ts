/** Messages for tests. */
import type { Message } from '../api/model';

export function message(change: Partial<Message> = {}): Message {
  return {
    id: 'msg_1', conversation_id: 'cnv_1', seq: 1, cards: [], buttons: [], direction: 'outgoing', author: { kind: 'member', id: 'mbr_1', name: 'Ada' }, text: 'Hello',
    attachments: [], state: 'queued', failure: null, reply_to: null, reactions: [], edited_at: null, removed_at: null,
    created_at: '2026-03-01T10:00:00Z', forwarded: false, has_html: false, mention_ids: [], elsewhere: false, automatic: false, doubtful_sender: false, asks: null, ...change,
  };
}
