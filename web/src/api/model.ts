/**
 * The names by which the app knows the API's shapes: the one place that looks into the generated schema.
 * Where the schema says no more than `string`, the words that the API's documentation lists are said here.
 */
import type { components } from './schema';

type Schemas = components['schemas'];
type Refined<T, R> = Omit<T, keyof R> & R;

export type Attachment = Schemas['AttachmentView'];
export type Author = Refined<Schemas['AuthorView'], { kind: 'contact' | 'member' | 'ai' | 'automation' | 'system' }>;
export type Channel = Refined<Schemas['ChannelView'], { state: 'ready' | 'needs_attention' | 'off' }>;
export type ChannelKind = Schemas['KindView'];
export type Contact = Schemas['ContactView'];
export type Demo = Schemas['DemoView'];
export type Me = Schemas['MeView'];
export type Member = Schemas['MemberView'];
export type NewChannel = Schemas['ChannelOrder'];
export type Setting = Schemas['FieldView'];

export type Message = Refined<
  Schemas['MessageView'],
  {
    direction: 'incoming' | 'outgoing' | 'note';
    state: 'received' | 'queued' | 'sent' | 'delivered' | 'read' | 'failed';
    author: Author;
  }
>;

export type Priority = 'low' | 'normal' | 'high' | 'urgent';

export type Conversation = Refined<
  Schemas['ConversationView'],
  {
    status: 'open' | 'pending' | 'snoozed' | 'resolved';
    priority: Priority;
    last_message?: Message | null;
  }
>;

/** What is not named stays; null takes away. */
export interface ConversationChange {
  status?: Conversation['status'];
  assignee_id?: string | null;
  /** All of them: what is not among them is taken off. */
  labels?: string[];
  priority?: Priority;
  read?: true;
}

export interface NewMessage {
  text?: string;
  /** Ids of what was uploaded before. */
  attachments?: string[];
  note?: boolean;
  reply_to?: string;
  /** Instead of a message; null takes the member's own back. */
  reaction?: { message_id: string; emoji: string | null };
}

export interface Found {
  message: Message;
  conversation: Conversation;
  highlights: { text: string; spans: [number, number][] }[];
}

export interface Page<T> {
  data: T[];
  /** Where the next page starts; null at the end. */
  next?: string | null;
}

/** One event of the live stream. `seq` only ever grows, by workspace. */
export interface LiveEvent {
  seq: number;
  type: string;
  data: unknown;
}

/** Somebody types, or has stopped. Says who by author, or by one of the ids. */
export interface Typing {
  conversation_id: string;
  on?: boolean;
  author?: Author;
  member_id?: string | null;
  contact_id?: string | null;
}
