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
    MemberView: { id: string; name: string; email: string; role: string; state: string; created_at: string };
    WorkspaceView: { id: string; name: string };
    DemoView: { phone_url: string };
    MeView: {
      member: components['schemas']['MemberView'];
      workspace: components['schemas']['WorkspaceView'];
      csrf?: string | null;
      /** Only in a demonstration: where the simulated phone is. */
      demo?: null | components['schemas']['DemoView'];
    };
    AuthorView: { kind: string; id?: string | null; name?: string | null };
    AttachmentView: {
      id: string;
      name?: string | null;
      content_type: string;
      /** In bytes. */
      size: number;
      url: string;
      state: string;
      failure?: string | null;
      role: string;
    };
    ReactionView: { author_kind: string; author_id: string; emoji: string };
    PlaceView: { latitude: number; longitude: number; name?: string | null; address?: string | null };
    CardView: { name: string; phones: string[]; emails: string[] };
    ButtonView: { label: string; data?: string | null; url?: string | null };
    FailureView: { code: string; detail: string };
    MessageView: {
      id: string;
      conversation_id: string;
      /** Place in the conversation's order. */
      seq: number;
      direction: string;
      author: components['schemas']['AuthorView'];
      text?: string | null;
      attachments: components['schemas']['AttachmentView'][];
      place?: null | components['schemas']['PlaceView'];
      cards: components['schemas']['CardView'][];
      choice?: string | null;
      buttons: components['schemas']['ButtonView'][][];
      unsupported?: string | null;
      state: string;
      failure?: null | components['schemas']['FailureView'];
      reply_to?: string | null;
      quote?: string | null;
      reactions: components['schemas']['ReactionView'][];
      edited_at?: string | null;
      removed_at?: string | null;
      created_at: string;
    };
    IdentityView: { channel_id: string; kind: string; value: string };
    ContactView: {
      id: string;
      name?: string | null;
      language?: string | null;
      identities: components['schemas']['IdentityView'][];
      attributes: { [key: string]: unknown };
      restricted: boolean;
      created_at: string;
      active_at: string;
    };
    ContactRefView: { id: string; name?: string | null };
    WindowView: { open_until?: string | null };
    ConversationView: {
      id: string;
      channel_id: string;
      contact: components['schemas']['ContactRefView'];
      status: string;
      assignee_id?: string | null;
      team_id?: string | null;
      priority: string;
      labels: string[];
      unread_count: number;
      last_message?: null | components['schemas']['MessageView'];
      window: components['schemas']['WindowView'];
      created_at: string;
      active_at: string;
    };
    ConversationPatch: { status?: string | null; assignee_id?: string | null; priority?: string | null; labels?: string[] | null; read?: boolean };
    MessageOrder: { text?: string | null; attachments?: string[]; note?: boolean; reply_to?: string | null };
    ChannelView: {
      id: string;
      kind: string;
      name: string;
      state: string;
      /** A stable code. */
      state_reason?: string | null;
      settings: { [key: string]: string };
      secrets_set: string[];
      account: { [key: string]: string };
      hook_url: string;
      created_at: string;
      disconnected_at?: string | null;
      /** Generated secrets that the other side needs: in the answer that creates the channel, and never again. */
      shown_once?: { [key: string]: string };
    };
    ChannelOrder: { kind: string; name: string; settings: { [key: string]: string } };
    FieldView: { key: string; label: string; help: string; type: string; secret: boolean; required: boolean; generated: boolean };
    KindView: { kind: string; label: string; help: string; settings: components['schemas']['FieldView'][] };
    HighlightView: { text: string; spans: number[][] };
    FoundView: {
      message: components['schemas']['MessageView'];
      conversation: components['schemas']['ConversationView'];
      /** Offsets in characters (Unicode scalar values), end excluded. */
      highlights: components['schemas']['HighlightView'][];
    };
    ErasureView: { id: string; state: string };
    ListView_ConversationView: { data: components['schemas']['ConversationView'][]; next?: string | null };
    ListView_MessageView: { data: components['schemas']['MessageView'][]; next?: string | null };
    ListView_MemberView: { data: components['schemas']['MemberView'][]; next?: string | null };
    ListView_ChannelView: { data: components['schemas']['ChannelView'][]; next?: string | null };
    ListView_KindView: { data: components['schemas']['KindView'][]; next?: string | null };
    ListView_FoundView: { data: components['schemas']['FoundView'][]; next?: string | null };
  };
}

type S = components['schemas'];

export interface paths {
  '/session': {
    post: { requestBody: Body<{ email: string; password: string }>; responses: Answers<S['MeView']> };
    delete: { responses: Nothing };
  };
  '/me': { get: { responses: Answers<S['MeView']> } };
  '/members': { get: { parameters: { query?: Paging }; responses: Answers<S['ListView_MemberView']> } };
  '/conversations': {
    get: {
      parameters: { query?: Paging & { status?: string; assignee?: string; channel?: string; label?: string; q?: string } };
      responses: Answers<S['ListView_ConversationView']>;
    };
  };
  '/conversations/{id}': {
    get: { parameters: ById<'id'>; responses: Answers<S['ConversationView']> };
    patch: {
      parameters: ById<'id'>;
      requestBody: Body<S['ConversationPatch']>;
      responses: Answers<S['ConversationView']>;
    };
  };
  '/conversations/{id}/messages': {
    get: { parameters: ById<'id'> & { query?: Paging }; responses: Answers<S['ListView_MessageView']> };
    post: {
      parameters: ById<'id'>;
      requestBody: Body<S['MessageOrder']>;
      responses: Answers<S['MessageView']>;
    };
  };
  '/messages/{id}/retries': { post: { parameters: ById<'id'>; responses: Answers<S['MessageView']> } };
  '/conversations/{id}/typing': {
    post: { parameters: ById<'id'>; requestBody: Body<{ on: boolean }>; responses: Nothing };
  };
  '/attachments': {
    post: {
      requestBody: { content: { 'multipart/form-data': { file: Blob } } };
      responses: Answers<S['AttachmentView']>;
    };
  };
  '/contacts/{id}': {
    get: { parameters: ById<'id'>; responses: Answers<S['ContactView']> };
    delete: { parameters: ById<'id'>; responses: Answers<S['ErasureView']> };
  };
  '/search': { get: { parameters: { query: Paging & { q: string } }; responses: Answers<S['ListView_FoundView']> } };
  '/channels': {
    get: { responses: Answers<S['ListView_ChannelView']> };
    post: {
      requestBody: Body<S['ChannelOrder']>;
      responses: Answers<S['ChannelView']>;
    };
  };
  '/channels/kinds': { get: { responses: Answers<S['ListView_KindView']> } };
  '/channels/{id}': { delete: { parameters: ById<'id'>; responses: Nothing } };
}
