/**
 * Every call the app makes, by name. The only user of the generated client: nothing else knows paths,
 * headers or how an error is told.
 */
import createClient, { type Middleware } from 'openapi-fetch';
import { Account } from './account';
import { Admin } from './admin';
import type {
  Attachment, ChangeOutcome, Channel, ChannelKind, Contact, Conversation, ConversationChange, Demo, Found, Me, Member, Message, MessagePage,
  NewChannel, NewMessage, Page, Scheduled,
} from './model';
import { freshKey } from './key';
import { Problem } from './problem';
import type { paths } from './schema';
import { uploaded } from './uploaded';
import { Work, type Ask } from './work';

export const BASE = '/api/v1';

interface Told {
  data?: unknown;
  error?: unknown;
  response: Response;
}

type Call = (path: string, init?: object) => Promise<Told>;

/** What a list is asked for: a filter's words (see `inbox/filter.ts`), and which page. */
export interface Query {
  [word: string]: string | number | undefined;
  cursor?: string;
  limit?: number;
}

export class Parloir {
  /** Called when the server no longer knows the session. */
  onSignedOut: () => void = () => {};
  #csrf = '';
  readonly #client;
  /** The calls of daily work. */
  readonly work: Work;
  readonly account: Account;
  readonly admin: Admin;

  constructor(fetcher: typeof fetch = (input, init) => fetch(input, init)) {
    this.#client = createClient<paths>({ baseUrl: BASE, fetch: (request: Request) => fetcher(request) });
    const guard: Middleware = {
      onRequest: ({ request }) => {
        if (request.method !== 'GET' && this.#csrf) request.headers.set('X-CSRF-Token', this.#csrf);
        return request;
      },
    };
    this.#client.use(guard);
    const ask: Ask = (method, path, init) => this.#take((this.#client[method] as unknown as Call)(path, init));
    this.work = new Work(ask, freshKey);
    this.account = new Account(ask, freshKey);
    this.admin = new Admin(ask, freshKey);
  }

  /** `code` is the second factor's, asked for by a problem with the code `second_factor`. */
  async signIn(email: string, password: string, code?: string): Promise<Me> {
    const body = { email, password, ...(code ? { code } : {}) };
    const me: Me = await this.#take(this.#client.POST('/session', { body }), true);
    this.#csrf = me.csrf ?? '';
    return me;
  }

  async signOut(): Promise<void> {
    await this.#take(this.#client.DELETE('/session'), true);
    this.#csrf = '';
  }

  async me(): Promise<Me> {
    const me: Me = await this.#take(this.#client.GET('/me'), true);
    this.#csrf = me.csrf ?? '';
    return me;
  }

  /** Whom to sign in as; null wherever this is not the demo. */
  async demo(): Promise<Demo | null> {
    return this.#take<Demo>(this.#client.GET('/demo'), true).catch(() => null);
  }

  members(): Promise<Page<Member>> {
    return this.#take(this.#client.GET('/members', { params: { query: { limit: 100 } } }));
  }

  conversations(query: Query): Promise<Page<Conversation>> {
    return this.#take(this.#client.GET('/conversations', { params: { query } }));
  }

  conversation(id: string): Promise<Conversation> {
    return this.#take(this.#client.GET('/conversations/{id}', { params: { path: { id } } }));
  }

  changeConversation(id: string, change: ConversationChange): Promise<Conversation> {
    return this.#take(this.#client.PATCH('/conversations/{id}', { params: { path: { id } }, body: change }));
  }

  changeConversations(ids: readonly string[], change: ConversationChange): Promise<ChangeOutcome[]> {
    return this.work.changeConversations(ids, change);
  }

  /** Newest page first; within a page newest last. `around`: the page with that message in its middle. */
  messages(id: string, { limit = 50, ...where }: { cursor?: string; after?: string; around?: string; limit?: number }): Promise<MessagePage> {
    return this.#take(this.#client.GET('/conversations/{id}/messages', { params: { path: { id }, query: { limit, ...where } } }));
  }

  /** `key` makes a repetition return the first answer instead of sending twice. A reaction is answered with the message it is on, what is sent later with what is planned. */
  send(id: string, message: NewMessage, key: string): Promise<Message | Scheduled> {
    return this.#take(
      this.#client.POST('/conversations/{id}/messages', { params: { path: { id } }, body: message as never, headers: once(key) }),
    );
  }

  /** Sends once more what failed. */
  retry(message: string): Promise<Message> {
    return this.#take(
      this.#client.POST('/messages/{id}/retries', { params: { path: { id: message } }, headers: once(freshKey()) }),
    );
  }

  edit(message: string, text: string): Promise<Message> {
    return this.#take(this.#client.PATCH('/messages/{id}', { params: { path: { id: message } }, body: { text } }));
  }

  async takeBack(message: string): Promise<void> {
    await this.#take(this.#client.DELETE('/messages/{id}', { params: { path: { id: message } } }));
  }

  async typing(id: string, on: boolean): Promise<void> {
    await this.#take(this.#client.POST('/conversations/{id}/typing', { params: { path: { id } }, body: { on } }));
  }

  /** `told` hears how much of it is up, from 0 to 1. */
  attach(file: File, key: string, told: (progress: number) => void, signal: AbortSignal): Promise<Attachment> {
    return uploaded<Attachment>(`${BASE}/attachments`, file, { ...once(key), 'X-CSRF-Token': this.#csrf }, told, signal);
  }

  attachment(id: string): Promise<Attachment> {
    return this.#take(this.#client.GET('/attachments/{id}', { params: { path: { id } } }));
  }

  contact(id: string): Promise<Contact> {
    return this.#take(this.#client.GET('/contacts/{id}', { params: { path: { id } } }));
  }

  async eraseContact(id: string): Promise<void> {
    await this.#take(this.#client.DELETE('/contacts/{id}', { params: { path: { id } } }));
  }

  /** `narrow`: as `search/narrow.ts` has it. */
  search(q: string, narrow: Record<string, string>, signal: AbortSignal): Promise<Page<Found>> {
    return this.#take(this.#client.GET('/search', { params: { query: { q, limit: 30, ...narrow } }, signal }));
  }

  channels(): Promise<Page<Channel>> {
    return this.#take(this.#client.GET('/channels'));
  }

  channelKinds(): Promise<Page<ChannelKind>> {
    return this.#take(this.#client.GET('/channels/kinds'));
  }

  addChannel(channel: NewChannel, key: string): Promise<Channel> {
    return this.#take(this.#client.POST('/channels', { body: channel, headers: once(key) }));
  }

  async disconnectChannel(id: string): Promise<void> {
    await this.#take(this.#client.DELETE('/channels/{id}', { params: { path: { id } } }));
  }

  async #take<T>(call: Promise<Told>, aboutSession = false): Promise<T> {
    const told = await call.catch((reason: unknown) => {
      throw reason instanceof DOMException && reason.name === 'AbortError' ? reason : Problem.offline();
    });
    if (told.response.ok) return told.data as T;
    if (told.response.status === 401 && !aboutSession) this.onSignedOut();
    throw Problem.from(told.error, told.response.status);
  }
}

function once(key: string): Record<string, string> {
  return { 'Idempotency-Key': key };
}
