/** The names by which the app knows the API's shapes: the one place that looks into the generated schema. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Attachment = Schemas['Attachment'];
export type Author = Schemas['Author'];
export type Channel = Schemas['Channel'];
export type ChannelKind = Schemas['ChannelKind'];
export type Contact = Schemas['Contact'];
export type Conversation = Schemas['Conversation'];
export type ConversationChange = Schemas['ConversationChange'];
export type Found = Schemas['Found'];
export type Me = Schemas['Me'];
export type Member = Schemas['Member'];
export type Message = Schemas['Message'];
export type NewChannel = Schemas['NewChannel'];
export type NewMessage = Schemas['NewMessage'];
export type Setting = Schemas['Setting'];
export type Typing = Schemas['Typing'];

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
