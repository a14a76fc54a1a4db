// Messages as the server shows them to a visitor, and those that are on their way.

export interface Attachment {
  id: string;
  name: string | null;
  content_type: string;
  size: number;
  role: string;
  state: 'pending' | 'stored' | 'failed';
  url: string;
}

export interface Message {
  id: string;
  /** The id that the visitor's own browser gave it. */
  client_id: string | null;
  direction: 'incoming' | 'outgoing';
  author: { kind: string; name: string | null };
  text: string | null;
  attachments: Attachment[];
  place: { latitude: number; longitude: number; name: string | null; address: string | null } | null;
  buttons: { label: string; data: string | null; url: string | null }[][];
  reply_to: string | null;
  reactions: { author: { kind: string }; emoji: string }[];
  edited_at: string | null;
  removed_at: string | null;
  created_at: string;
}

/** A file that goes with a message: in this page's memory until it has a ticket. */
export interface Upload {
  name: string;
  size: number;
  ticket: string | null;
  file?: File;
}

/** A message that the server does not show yet. */
export interface Pending {
  id: string;
  at: string;
  text: string;
  uploads: Upload[];
  choice?: { data: string; of: string };
  state: 'waiting' | 'accepted' | 'failed';
  /** Why it failed. */
  reason?: string;
}
