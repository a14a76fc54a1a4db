/**
 * The shapes of the REST API, in the form that openapi-typescript gives them.
 * `npm run api` replaces this file by what it makes of openapi.json.
 */

type Answer<T> = { content: { 'application/json': T } };
type Fault = { content: { 'application/problem+json': components['schemas']['Problem'] } };
type Answers<T> = { 200: Answer<T>; 201: Answer<T>; 202: Answer<T>; default: Fault };
type Nothing = { 204: { content?: never }; default: Fault };
type Paging = { limit?: number; cursor?: string };
type ById<Id extends string> = { path: { [K in Id]: string } };
type Body<T> = { content: { 'application/json': T } };

export interface components {
  schemas: {
    Problem: {
      type?: string;
      title: string;
      status: number;
      detail?: string | null;
      code?: string;
      /** What was wrong, by field. */
      fields?: { [field: string]: string };
    };
    Member: { id: string; name: string; email?: string; role: string };
    Workspace: { id: string; name: string };
    Me: {
      member: components['schemas']['Member'];
      workspace: components['schemas']['Workspace'];
      csrf: string;
      /** Only in a demonstration: where the simulated phone is. */
      demo?: { phone_url: string } | null;
    };
    SignedIn: { member: components['schemas']['Member']; csrf: string };
    Author: { kind: 'contact' | 'member' | 'ai' | 'automation' | 'system'; id?: string | null; name?: string | null };
    Attachment: { id: string; name: string; content_type: string; size: number; url: string };
    Reaction: { emoji: string; author: components['schemas']['Author'] };
    Place: { latitude: number; longitude: number; name?: string | null; address?: string | null };
    Card: { name: string; phones: string[]; emails: string[] };
    Button: { label: string; url?: string | null };
    Message: {
      id: string;
      conversation_id: string;
      direction: 'incoming' | 'outgoing' | 'note';
      author: components['schemas']['Author'];
      text: string | null;
      attachments: components['schemas']['Attachment'][];
      state: 'received' | 'queued' | 'sent' | 'delivered' | 'read' | 'failed';
      failure: { code: string; detail: string } | null;
      reply_to: string | null;
      reactions: components['schemas']['Reaction'][];
      edited_at: string | null;
      removed_at: string | null;
      created_at: string;
      place?: components['schemas']['Place'] | null;
      cards?: components['schemas']['Card'][];
      buttons?: components['schemas']['Button'][][];
      choice?: { data: string } | null;
      /** The provider's word for something that cannot be shown (`poll`). */
      unsupported?: string | null;
    };
    Identity: { channel_id?: string | null; kind: string; value: string };
    Contact: {
      id: string;
      name: string | null;
      identities?: components['schemas']['Identity'][];
      attributes?: { [key: string]: unknown };
      created_at?: string;
    };
    Conversation: {
      id: string;
      channel_id: string;
      contact: components['schemas']['Contact'];
      status: 'open' | 'pending' | 'snoozed' | 'resolved';
      assignee_id: string | null;
      team_id?: string | null;
      priority?: string | null;
      labels: string[];
      unread_count: number;
      last_message: components['schemas']['Message'] | null;
      window?: { open_until: string | null } | null;
      created_at?: string;
    };
    ConversationChange: {
      status?: components['schemas']['Conversation']['status'];
      assignee_id?: string | null;
      priority?: string | null;
      labels?: string[];
      read?: true;
    };
    NewMessage: { text?: string; attachments?: string[]; note?: boolean; reply_to?: string };
    Channel: {
      id: string;
      kind: string;
      name: string;
      state: 'ready' | 'needs_attention' | 'off';
      /** Why it needs attention, in words. */
      detail?: string | null;
      hook_url?: string | null;
      settings?: { [key: string]: unknown };
      /** Generated secrets that the other side needs: in the answer that creates the channel, and never again. */
      secrets?: { [key: string]: string };
      created_at?: string;
    };
    NewChannel: { kind: string; name: string; settings: { [key: string]: unknown } };
    ChannelKind: {
      kind: string;
      label: string;
      help?: string | null;
      settings: components['schemas']['Setting'][];
    };
    Setting: {
      key: string;
      label: string;
      help?: string | null;
      secret: boolean;
      required: boolean;
      /** Made by the server where it is not given. */
      generated?: boolean;
      type: string;
    };
    Found: {
      message: components['schemas']['Message'];
      conversation: components['schemas']['Conversation'];
      /** Offsets in characters (Unicode scalar values), end excluded. */
      highlights: { text: string; spans: [number, number][] }[];
    };
    Erasure: { id: string; state: string };
    Typing: {
      conversation_id: string;
      on?: boolean;
      author?: components['schemas']['Author'];
    };
    ConversationPage: { data: components['schemas']['Conversation'][]; next: string | null };
    MessagePage: { data: components['schemas']['Message'][]; next: string | null };
    MemberPage: { data: components['schemas']['Member'][]; next?: string | null };
    ChannelPage: { data: components['schemas']['Channel'][]; next?: string | null };
    ChannelKindPage: { data: components['schemas']['ChannelKind'][]; next?: string | null };
    FoundPage: { data: components['schemas']['Found'][]; next?: string | null };
  };
}

type S = components['schemas'];

export interface paths {
  '/session': {
    post: { requestBody: Body<{ email: string; password: string }>; responses: Answers<S['SignedIn']> };
    delete: { responses: Nothing };
  };
  '/me': { get: { responses: Answers<S['Me']> } };
  '/members': { get: { responses: Answers<S['MemberPage']> } };
  '/conversations': {
    get: {
      parameters: { query?: Paging & { status?: string; assignee?: string; channel?: string; label?: string; q?: string } };
      responses: Answers<S['ConversationPage']>;
    };
  };
  '/conversations/{id}': {
    get: { parameters: ById<'id'>; responses: Answers<S['Conversation']> };
    patch: {
      parameters: ById<'id'>;
      requestBody: Body<S['ConversationChange']>;
      responses: Answers<S['Conversation']>;
    };
  };
  '/conversations/{id}/messages': {
    get: { parameters: ById<'id'> & { query?: Paging }; responses: Answers<S['MessagePage']> };
    post: {
      parameters: ById<'id'> & { header: { 'Idempotency-Key': string } };
      requestBody: Body<S['NewMessage']>;
      responses: Answers<S['Message']>;
    };
  };
  '/conversations/{id}/typing': {
    post: { parameters: ById<'id'>; requestBody: Body<{ on: boolean }>; responses: Nothing };
  };
  '/attachments': {
    post: {
      parameters: { header: { 'Idempotency-Key': string } };
      requestBody: { content: { 'multipart/form-data': { file: Blob } } };
      responses: Answers<S['Attachment']>;
    };
  };
  '/contacts/{id}': {
    get: { parameters: ById<'id'>; responses: Answers<S['Contact']> };
    delete: { parameters: ById<'id'>; responses: Answers<S['Erasure']> };
  };
  '/search': { get: { parameters: { query: Paging & { q: string } }; responses: Answers<S['FoundPage']> } };
  '/channels': {
    get: { responses: Answers<S['ChannelPage']> };
    post: {
      parameters: { header: { 'Idempotency-Key': string } };
      requestBody: Body<S['NewChannel']>;
      responses: Answers<S['Channel']>;
    };
  };
  '/channels/kinds': { get: { responses: Answers<S['ChannelKindPage']> } };
  '/channels/{id}': { delete: { parameters: ById<'id'>; responses: Nothing } };
}
