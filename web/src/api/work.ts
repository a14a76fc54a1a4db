/** The calls of daily work: lists and what they are filed under, drafts, what is planned, who is where, contacts. */
import type {
  CannedReply, ChangeOutcome, Consent, Contact, ContactChange, Conversation, ConversationChange, Counts, Erasure, KeptDraft, Label, Merge, NewConsent, NewDraft, Page, Presence, SavedView,
  Scheduled, ScheduledChange, Team, Template, Whereabouts,
} from './model';
import { Problem } from './problem';

type Init = { params?: { path?: Record<string, string>; query?: Record<string, unknown>; header?: Record<string, string> }; body?: unknown; headers?: Record<string, string>; signal?: AbortSignal; keepalive?: boolean; parseAs?: 'text' | 'arrayBuffer' };
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** Makes a call and takes its answer apart. */
export type Ask = <T>(method: Method, path: string, init?: Init) => Promise<T>;

const at = (id: string): Init => ({ params: { path: { id } } });

export class Work {
  constructor(
    private readonly ask: Ask,
    private readonly key: () => string,
  ) {}

  async teams(): Promise<Team[]> {
    return (await this.ask<Page<Team>>('GET', '/teams', { params: { query: { limit: 100 } } })).data;
  }

  async labels(): Promise<Label[]> {
    return (await this.ask<Page<Label>>('GET', '/labels', { params: { query: { limit: 100 } } })).data;
  }

  async cannedReplies(): Promise<CannedReply[]> {
    return (await this.ask<Page<CannedReply>>('GET', '/canned-replies', { params: { query: { limit: 100 } } })).data;
  }

  async views(): Promise<SavedView[]> {
    return (await this.ask<Page<SavedView>>('GET', '/views', { params: { query: { limit: 100 } } })).data;
  }

  saveView(view: Pick<SavedView, 'name' | 'shared' | 'filter'>): Promise<SavedView> {
    return this.ask('POST', '/views', { body: view, headers: this.#once() });
  }

  changeView(id: string, change: Partial<Pick<SavedView, 'name' | 'shared' | 'filter' | 'position'>>): Promise<SavedView> {
    return this.ask('PATCH', '/views/{id}', { ...at(id), body: change });
  }

  async removeView(id: string): Promise<void> {
    await this.ask('DELETE', '/views/{id}', at(id));
  }

  counts(): Promise<Counts> {
    return this.ask('GET', '/conversations/counts');
  }

  async changeConversations(ids: readonly string[], change: ConversationChange): Promise<ChangeOutcome[]> {
    return (await this.ask<Page<ChangeOutcome>>('POST', '/conversations/changes', { body: { ids, change }, headers: this.#once() })).data;
  }

  async drafts(): Promise<KeptDraft[]> {
    return (await this.ask<Page<KeptDraft>>('GET', '/drafts', { params: { query: { limit: 100 } } })).data;
  }

  async draft(conversation: string): Promise<KeptDraft | null> {
    const draft = await this.ask<KeptDraft>('GET', '/conversations/{id}/draft', at(conversation));
    return draft.updated_at ? draft : null;
  }

  keepDraft(conversation: string, draft: NewDraft): Promise<KeptDraft> {
    return this.ask('PUT', '/conversations/{id}/draft', { ...at(conversation), body: draft, keepalive: true });
  }

  async dropDraft(conversation: string): Promise<void> {
    await this.ask('DELETE', '/conversations/{id}/draft', { ...at(conversation), keepalive: true }).catch(nothing);
  }

  async scheduled(conversation: string): Promise<Scheduled[]> {
    return (await this.ask<Page<Scheduled>>('GET', '/conversations/{id}/scheduled', at(conversation))).data;
  }

  /** The member's own, in all conversations. */
  async ownScheduled(): Promise<Scheduled[]> {
    return (await this.ask<Page<Scheduled>>('GET', '/scheduled', { params: { query: { limit: 100 } } })).data;
  }

  changeScheduled(id: string, change: ScheduledChange): Promise<Scheduled> {
    return this.ask('PATCH', '/scheduled/{id}', { ...at(id), body: change });
  }

  /** Answers what was in it. */
  takeBackScheduled(id: string): Promise<Scheduled> {
    return this.ask('DELETE', '/scheduled/{id}', at(id));
  }

  async present(conversation: string, doing: Presence['members'][number]['doing'] | 'left'): Promise<void> {
    await this.ask('POST', '/conversations/{id}/presence', { ...at(conversation), body: { doing }, keepalive: true });
  }

  async templates(channel: string): Promise<Template[]> {
    const all: Template[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.ask<Page<Template>>('GET', '/channels/{id}/templates', { params: { path: { id: channel }, query: { limit: 100, cursor } } });
      all.push(...page.data);
      if (!page.next) return all;
      cursor = page.next;
    }
  }

  async contacts(q: string, signal?: AbortSignal): Promise<Contact[]> {
    return (await this.ask<Page<Contact>>('GET', '/contacts', { params: { query: { q, limit: 20 } }, signal })).data;
  }

  changeContact(id: string, change: ContactChange): Promise<Contact> {
    return this.ask('PATCH', '/contacts/{id}', { ...at(id), body: change });
  }

  async conversationsOf(contact: string): Promise<Conversation[]> {
    return (await this.ask<Page<Conversation>>('GET', '/contacts/{id}/conversations', { params: { path: { id: contact }, query: { limit: 20 } } })).data;
  }

  whereabouts(contact: string): Promise<Whereabouts> {
    return this.ask('GET', '/contacts/{id}/whereabouts', at(contact));
  }

  async consents(contact: string): Promise<Consent[]> {
    return (await this.ask<Page<Consent>>('GET', '/contacts/{id}/consents', at(contact))).data;
  }

  giveConsent(contact: string, consent: NewConsent): Promise<Consent> {
    return this.ask('POST', '/contacts/{id}/consents', { ...at(contact), body: consent, headers: this.#once() });
  }

  /** Notes that a contact objects, to all that one can object to, or takes that back. */
  setObjection(id: string, objects: boolean): Promise<Contact> {
    if (!objects) return this.ask('DELETE', '/contacts/{id}/objection', at(id));
    return this.ask('POST', '/contacts/{id}/objection', { ...at(id), body: {}, headers: this.#once() });
  }

  async withdrawConsent(id: string): Promise<void> {
    await this.ask('DELETE', '/consents/{id}', at(id));
  }

  async merges(contact: string): Promise<Merge[]> {
    return (await this.ask<Page<Merge>>('GET', '/contacts/{id}/merges', at(contact))).data;
  }

  merge(contact: string, other: string): Promise<Merge> {
    return this.ask('POST', '/contacts/{id}/merges', { ...at(contact), body: { contact_id: other }, headers: this.#once() });
  }

  async split(contact: string, merge: string): Promise<void> {
    await this.ask('DELETE', '/contacts/{id}/merges/{merge}', { params: { path: { id: contact, merge } } });
  }

  erasure(id: string): Promise<Erasure> {
    return this.ask('GET', '/erasures/{id}', at(id));
  }

  #once(): Record<string, string> {
    return { 'Idempotency-Key': this.key() };
  }
}

/** What is not there is nothing; anything else went wrong. */
function nothing(reason: unknown): null {
  if (Problem.of(reason).status === 404) return null;
  throw reason;
}
