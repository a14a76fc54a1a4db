/**
 * The names by which the app knows the API's shapes: the one place that looks into the generated schema.
 * Where the schema says no more than `string`, the words that the API's documentation lists are said here.
 */
import type { components } from './schema';

type Schemas = components['schemas'];
type Refined<T, R> = Omit<T, keyof R> & R;

export type Attachment = Schemas['AttachmentView'];
export type Author = Refined<Schemas['AuthorView'], { kind: 'contact' | 'member' | 'ai' | 'automation' | 'system' }>;
export type Consent = Schemas['ConsentView'];
export type Erasure = Schemas['ErasureView'];
export type Merge = Schemas['MergeView'];
export type NewConsent = Schemas['ConsentOrder'];
export type ContactChange = Schemas['ContactPatch'];
export type Channel = Refined<Schemas['ChannelView'], { state: 'ready' | 'needs_attention' | 'off' }>;
export type ChannelKind = Schemas['KindView'];
export type Contact = Schemas['ContactView'];
export type Demo = Schemas['DemoView'];
export type Me = Schemas['MeView'];
export type Member = Schemas['MemberView'];
export type NewChannel = Schemas['ChannelOrder'];
export type Setting = Schemas['FieldView'];
/** Variables are a list where they are numbered, an object where they have names. */
export type NewTemplate = Refined<Schemas['TemplateOrder'], { variables?: string[] | Record<string, string> }>;
export type Template = Schemas['TemplateView'];
export type TemplateDraft = Schemas['TemplateDraftOrder'];
export type ChannelProfile = Schemas['ChannelProfileView'];
export type ChannelProfileChange = Schemas['ChannelProfilePatch'];

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
  /** Snoozes it until then, RFC 3339. */
  snoozed_until?: string;
  assignee_id?: string | null;
  team_id?: string | null;
  /** All of them: what is not among them is taken off. */
  labels?: string[];
  priority?: Priority;
  /** The workspace's own fields: all of them. */
  attributes?: Record<string, unknown>;
  read?: true;
  unread?: true;
}

/** What became of one of many conversations that were changed alike. */
export type ChangeOutcome = Refined<Schemas['OutcomeView'], { before?: Refined<Schemas['WorkView'], Pick<Conversation, 'status' | 'priority'>> | null }>;

export type SavedView = Schemas['SavedViewView'];

export interface NewMessage {
  text?: string;
  /** Ids of what was uploaded before. */
  attachments?: string[];
  note?: boolean;
  reply_to?: string;
  template?: NewTemplate;
  /** Members whom a note names. */
  mention_ids?: string[];
  /** Sent then, RFC 3339, at most a year ahead; the answer is a `Scheduled`. */
  send_at?: string;
  /** Held back for so many seconds, at most 30, in which it can be taken back; the answer is a `Scheduled`. */
  hold_seconds?: number;
  /** What becomes of the conversation when it is sent. */
  then?: Conversation['status'];
  /** Instead of a message; null takes the member's own back. */
  reaction?: { message_id: string; emoji: string | null };
}

/** A draft of the member's own, as the server keeps it. */
export type KeptDraft = Refined<Schemas['DraftView'], { subject: string | null; reply_to: string | null; updated_at: string }>;

export type NewDraft = Schemas['DraftOrder'];

/** A message that is to be sent later. */
export type Scheduled = Refined<Schemas['ScheduledView'], { state: 'waiting' | 'failed' | 'sent' }>;

/** A page of a thread, oldest first. */
export type MessagePage = Refined<Schemas['MessagePageView'], { data: Message[] }>;

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

export type Team = Schemas['TeamView'];

export type Label = Schemas['LabelView'];

export type CannedReply = Schemas['CannedReplyView'];

export type Count = Schemas['CountView'];

export type Counts = Schemas['CountsView'];

/** Who else has a conversation open. */
export type Presence = Refined<Schemas['PresenceView'], { members: Refined<Schemas['PresentView'], { doing: 'looking' | 'typing' }>[] }>;

export type ScheduledChange = Schemas['ScheduledPatch'];

export type Whereabouts = Schemas['WhereaboutsView'];

export type StoredPart = Schemas['StoredPartView'];

export type InvitationPreview = Schemas['InvitationPreview'];

/** A browser that is told when something concerns the member. */
export interface PushSubscriptionView {
  id: string;
  endpoint: string;
  /** Told of new messages in conversations that nobody is assigned to, too. */
  unassigned: boolean;
  created_at: string;
}
