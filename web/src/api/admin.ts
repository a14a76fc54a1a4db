/** The calls by which a workspace is arranged: members, what work is filed under, hours, channels' inner life, keys, the audit log. */
import type {
  CannedReply, Channel, ChannelProfile, ChannelProfileChange, Label, Member, Page, SavedView, Team, Template, TemplateDraft,
} from './model';
import { signedLog, type SignedLog } from '../audit/note';
import { Problem } from './problem';
import type { components } from './schema';
import type { Ask } from './work';

type Schemas = components['schemas'];

export type Invited = Schemas['InvitedView'];
export type OwnSession = Schemas['SessionView'];
export type Token = Schemas['TokenView'];
export type Workspace = Schemas['WholeWorkspaceView'];
export type Hours = Schemas['BusinessHoursView'];
/** Days that are not named are closed. */
export type NewHours = Omit<Schemas['HoursOrder'], 'week'> & { week: Partial<Schemas['HoursOrder']['week']> };
export type Retention = Schemas['RetentionView'];
export type RetentionTerm = Schemas['RetentionTermView'];
export type Coming = Schemas['ComingView'];
export type KeyRotation = Schemas['KeyRotationView'];
export type RotatedSecret = Schemas['SecretRotationView'];
export type AuditEntry = Schemas['EntryView'];
export interface AuditFilter {
  actor?: string;
  act?: string;
  subject?: string;
  /** From this moment on, and before this one (RFC 3339). */
  since?: string;
  until?: string;
  cursor?: string;
}

export type SecondFactor = Schemas['NewFactorView'];
export type Webhook = Schemas['WebhookView'];
export type NewWebhook = Schemas['NewWebhookView'];
export type Delivery = Schemas['DeliveryView'];
/** What somebody asks of their data. */
export type DataRequest = Schemas['RequestView'];
export type NewDataRequest = Schemas['RequestOrder'];
export type Site = Schemas['SiteView'];
export type NewSite = Schemas['SiteOrder'];
export type Cookie = Schemas['CookieView'];
export type SiteReport = Schemas['SiteReportView'];

const at = (id: string) => ({ params: { path: { id } } });

export class Admin {
  constructor(
    private readonly ask: Ask,
    private readonly key: () => string,
  ) {}

  members(): Promise<Member[]> {
    return this.#all('/members');
  }

  invite(member: { email: string; name: string; role: string }): Promise<Invited> {
    return this.#make('/members', member);
  }

  inviteAgain(id: string): Promise<Invited> {
    return this.ask('POST', '/members/{id}/invitation', { ...at(id), headers: this.#once() });
  }

  changeMember(id: string, change: { name?: string; role?: string; state?: 'active' | 'suspended' }): Promise<Member> {
    return this.ask('PATCH', '/members/{id}', { ...at(id), body: change });
  }

  addTeam(team: { name: string; member_ids: string[] }): Promise<Team> {
    return this.#make('/teams', team);
  }

  changeTeam(id: string, change: { name?: string; member_ids?: string[] }): Promise<Team> {
    return this.ask('PATCH', '/teams/{id}', { ...at(id), body: change });
  }

  removeTeam(id: string): Promise<void> {
    return this.ask('DELETE', '/teams/{id}', at(id));
  }

  addLabel(label: { name: string; colour: string | null }): Promise<Label> {
    return this.#make('/labels', label);
  }

  changeLabel(id: string, change: { name?: string; colour?: string | null }): Promise<Label> {
    return this.ask('PATCH', '/labels/{id}', { ...at(id), body: change });
  }

  removeLabel(id: string): Promise<void> {
    return this.ask('DELETE', '/labels/{id}', at(id));
  }

  addCanned(reply: { shortcut: string; text: string; team_id: string | null }): Promise<CannedReply> {
    return this.#make('/canned-replies', reply);
  }

  changeCanned(id: string, change: { shortcut: string; text: string; team_id: string | null }): Promise<CannedReply> {
    return this.ask('PATCH', '/canned-replies/{id}', { ...at(id), body: change });
  }

  removeCanned(id: string): Promise<void> {
    return this.ask('DELETE', '/canned-replies/{id}', at(id));
  }

  changeView(id: string, change: Partial<Pick<SavedView, 'name' | 'shared' | 'position'>>): Promise<SavedView> {
    return this.ask('PATCH', '/views/{id}', { ...at(id), body: change });
  }

  hours(): Promise<Hours> {
    return this.ask('GET', '/business-hours');
  }

  setHours(hours: NewHours): Promise<Hours> {
    return this.ask('PUT', '/business-hours', { body: hours });
  }

  retention(): Promise<Retention> {
    return this.ask('GET', '/retention');
  }

  /** Days by category; null: the default again. All of them are taken, or none. */
  setRetention(terms: Record<string, number | null>): Promise<Retention> {
    return this.ask('PUT', '/retention', { body: { terms } });
  }

  /** What goes within so many days, by terms as they would be. */
  async retentionPreview(days: number, terms: Record<string, number>): Promise<Coming[]> {
    const would = Object.entries(terms).map(([category, n]) => `${category}:${n}`).join(',');
    return (await this.ask<Schemas['RetentionPreviewView']>('GET', '/retention/preview', { params: { query: { days, terms: would } } })).coming;
  }

  workspace(): Promise<Workspace> {
    return this.ask('GET', '/workspace');
  }

  renameWorkspace(name: string): Promise<Workspace> {
    return this.ask('PATCH', '/workspace', { body: { name } });
  }

  endWorkspace(order: Schemas['EndingOrder']): Promise<void> {
    return this.ask('POST', '/workspace/ending', { body: order });
  }

  keepWorkspace(): Promise<void> {
    return this.ask('DELETE', '/workspace/ending');
  }

  declareSpecialCategories(special: boolean): Promise<Workspace> {
    return this.ask('PATCH', '/workspace', { body: { special_categories: special } });
  }

  async sessions(): Promise<OwnSession[]> {
    return (await this.ask<Page<OwnSession>>('GET', '/sessions')).data;
  }

  endSession(id: string): Promise<void> {
    return this.ask('DELETE', '/sessions/{id}', at(id));
  }

  endOtherSessions(): Promise<void> {
    return this.ask('DELETE', '/sessions');
  }

  setPassword(current: string, next: string): Promise<void> {
    return this.ask('PUT', '/me/password', { body: { current, new: next } });
  }

  /** Begins; it asks for nothing until it is confirmed. */
  beginSecondFactor(password: string): Promise<SecondFactor> {
    return this.#make('/me/second-factor', { password });
  }

  /** Answers the recovery codes, this once. */
  async confirmSecondFactor(code: string): Promise<string[]> {
    return (await this.#make<Schemas['RecoveryCodesView']>('/me/second-factor/confirm', { code })).recovery_codes;
  }

  removeSecondFactor(password: string, code: string): Promise<void> {
    return this.ask('DELETE', '/me/second-factor', { body: { password, code } });
  }

  async tokens(): Promise<Token[]> {
    return (await this.ask<Page<Token>>('GET', '/tokens')).data;
  }

  /** Shown this once, so a repetition would be another one. */
  addToken(): Promise<{ id: string; token: string }> {
    return this.ask('POST', '/tokens');
  }

  revokeToken(id: string): Promise<void> {
    return this.ask('DELETE', '/tokens/{id}', at(id));
  }

  async webhooks(): Promise<Webhook[]> {
    return (await this.ask<Page<Webhook>>('GET', '/webhooks')).data;
  }

  addWebhook(webhook: { url: string; types: string[] }): Promise<NewWebhook> {
    return this.#make('/webhooks', webhook);
  }

  changeWebhook(id: string, change: { url?: string; types?: string[]; state?: 'on' | 'off' }): Promise<Webhook> {
    return this.ask('PATCH', '/webhooks/{id}', { ...at(id), body: change });
  }

  removeWebhook(id: string): Promise<void> {
    return this.ask('DELETE', '/webhooks/{id}', at(id));
  }

  async deliveries(id: string): Promise<Delivery[]> {
    return (await this.ask<Page<Delivery>>('GET', '/webhooks/{id}/deliveries', { params: { path: { id }, query: { limit: 100 } } })).data;
  }

  replay(webhook: string, delivery: string): Promise<Delivery> {
    return this.ask('POST', '/webhooks/{id}/deliveries/{delivery}/replay', { params: { path: { id: webhook, delivery } }, headers: this.#once() });
  }

  async sites(): Promise<Site[]> {
    return (await this.ask<Page<Site>>('GET', '/sites')).data;
  }

  addSite(site: NewSite): Promise<Site> {
    return this.#make('/sites', site);
  }

  setSite(id: string, site: NewSite): Promise<Site> {
    return this.ask('PUT', '/sites/{id}', { ...at(id), body: site });
  }

  removeSite(id: string): Promise<void> {
    return this.ask('DELETE', '/sites/{id}', at(id));
  }

  siteReport(id: string): Promise<SiteReport> {
    return this.ask('GET', '/sites/{id}/report', at(id));
  }

  channel(id: string): Promise<Channel> {
    return this.ask('GET', '/channels/{id}', at(id));
  }

  changeChannel(id: string, change: { name?: string; settings?: Record<string, string | null> }): Promise<Channel> {
    return this.ask('PATCH', '/channels/{id}', { ...at(id), body: change });
  }

  /** Connects a disconnected one again, while what it brought is still there. */
  reconnectChannel(id: string, settings: Record<string, string>): Promise<Channel> {
    return this.ask('POST', '/channels/{id}/connection', { ...at(id), body: { settings } });
  }

  /** Asks the provider whether it works. */
  checkChannel(id: string): Promise<Channel> {
    return this.ask('POST', '/channels/{id}/check', { ...at(id), headers: this.#once() });
  }

  /** Where the account's owner signs in at the provider. */
  authorizeChannel(id: string): Promise<{ url: string }> {
    return this.ask('POST', '/channels/{id}/authorization', { ...at(id), headers: this.#once() });
  }

  /** Whoever signed in there allows webhooks to carry what is read: by these words. */
  allowSharing(id: string, version: string): Promise<Channel> {
    return this.ask('POST', '/channels/{id}/sharing', { ...at(id), body: { words_version: version }, headers: this.#once() });
  }

  endSharing(id: string): Promise<void> {
    return this.ask('DELETE', '/channels/{id}/sharing', at(id));
  }

  /** Which of several accounts it is for, once its owner has signed in. */
  chooseAccount(id: string, account: string): Promise<Channel> {
    return this.ask('POST', '/channels/{id}/choice', { ...at(id), body: { account }, headers: this.#once() });
  }

  rotateSecret(id: string, order: { key: string; value?: string; grace_seconds?: number }): Promise<RotatedSecret> {
    return this.ask('POST', '/channels/{id}/secret-rotations', { ...at(id), body: order, headers: this.#once() });
  }

  readTemplates(id: string): Promise<void> {
    return this.ask('POST', '/channels/{id}/templates/syncs', { ...at(id), headers: this.#once() });
  }

  /** Hands a template in to the provider, which looks at it and says later what it decides. */
  makeTemplate(id: string, draft: TemplateDraft): Promise<Template> {
    return this.ask('POST', '/channels/{id}/templates', { ...at(id), body: draft, headers: this.#once() });
  }

  async dropTemplate(id: string, { name, language }: Pick<Template, 'name' | 'language'>): Promise<void> {
    await this.ask('DELETE', '/channels/{id}/templates', { params: { path: { id }, query: { name, language } } });
  }

  /** What the provider shows people of the business. */
  channelProfile(id: string): Promise<ChannelProfile> {
    return this.ask('GET', '/channels/{id}/profile', at(id));
  }

  changeChannelProfile(id: string, change: ChannelProfileChange): Promise<ChannelProfile> {
    return this.ask('PATCH', '/channels/{id}/profile', { ...at(id), body: change });
  }

  async keyRotations(): Promise<KeyRotation[]> {
    return (await this.ask<Page<KeyRotation>>('GET', '/key-rotations')).data;
  }

  rotateKeys(what: string, contact?: string): Promise<KeyRotation> {
    return this.#make('/key-rotations', { what, ...(contact ? { contact_id: contact } : {}) });
  }

  /** Open ones, those first that are due first; or closed ones, the newest first. */
  async dataRequests(closed: boolean): Promise<DataRequest[]> {
    return (await this.ask<Page<DataRequest>>('GET', '/requests', { params: { query: { closed, limit: 100 } } })).data;
  }

  /** One, with all that was done about it. */
  dataRequest(id: string): Promise<DataRequest> {
    return this.ask('GET', '/requests/{id}', at(id));
  }

  recordRequest(order: NewDataRequest): Promise<DataRequest> {
    return this.#make('/requests', order);
  }

  verifyRequest(id: string, order: Schemas['VerificationOrder']): Promise<DataRequest> {
    return this.ask('POST', '/requests/{id}/verification', { ...at(id), body: order });
  }

  extendRequest(id: string, reason: string): Promise<DataRequest> {
    return this.ask('POST', '/requests/{id}/extension', { ...at(id), body: { reason } });
  }

  noteRequest(id: string, text: string): Promise<DataRequest> {
    return this.ask('POST', '/requests/{id}/notes', { ...at(id), body: { text } });
  }

  closeRequest(id: string, order: Schemas['ClosingOrder']): Promise<DataRequest> {
    return this.ask('POST', '/requests/{id}/closing', { ...at(id), body: order });
  }

  audit(filter: AuditFilter): Promise<Page<AuditEntry>> {
    return this.ask('GET', '/audit', { params: { query: { ...filter, limit: 50 } } });
  }

  /** Null while nothing has been signed yet. */
  async auditSigned(): Promise<SignedLog | null> {
    const note = await this.ask<string>('GET', '/audit/checkpoint', { parseAs: 'text' }).catch((reason: unknown) => {
      if (Problem.of(reason).status === 404) return null;
      throw reason;
    });
    return note === null ? null : signedLog(note);
  }

  /** A tile of the log's tree, by what follows `tile/` in its name (c2sp.org/tlog-tiles). */
  async auditTile(path: string): Promise<Uint8Array> {
    return new Uint8Array(await this.ask<ArrayBuffer>('GET', '/audit/tiles', { params: { query: { path } }, parseAs: 'arrayBuffer' }));
  }

  #make<T>(path: string, body: unknown): Promise<T> {
    return this.ask('POST', path, { body, headers: this.#once() });
  }

  async #all<T>(path: string): Promise<T[]> {
    const all: T[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.ask<Page<T>>('GET', path, { params: { query: { limit: 100, cursor } } });
      all.push(...page.data);
      if (!page.next) return all;
      cursor = page.next;
    }
  }

  #once(): Record<string, string> {
    return { 'Idempotency-Key': this.key() };
  }
}
