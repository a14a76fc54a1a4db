/** The calls about oneself: language and name, the way in, and being told when the app is closed. */
import type { InvitationPreview, Me, PushSubscriptionView } from './model';
import type { Ask } from './work';

export class Account {
  constructor(
    private readonly ask: Ask,
    private readonly key: () => string,
  ) {}

  change(change: { name?: string; locale?: string | null; preferences?: Record<string, unknown> }): Promise<Me> {
    return this.ask('PATCH', '/me', { body: change });
  }

  /** Who is invited where to. The token comes from the address's fragment. */
  invitation(token: string): Promise<InvitationPreview> {
    return this.ask('POST', '/invitations/preview', { body: { token } });
  }

  /** Makes the invited a member with this password, and signs them in. */
  async accept(token: string, password: string): Promise<void> {
    await this.ask('POST', '/invitations/accept', { body: { token, password } });
  }

  /** The server's public key for Web Push (RFC 8292), base64url. */
  async pushKey(): Promise<string> {
    return (await this.ask<{ key: string }>('GET', '/push/key')).key;
  }

  async pushSubscriptions(): Promise<PushSubscriptionView[]> {
    return (await this.ask<{ data: PushSubscriptionView[] }>('GET', '/push/subscriptions')).data;
  }

  /** `unassigned`: told of new messages in conversations that nobody is assigned to, too. An address that is known already is taken anew. */
  subscribe(endpoint: string, unassigned: boolean): Promise<PushSubscriptionView> {
    return this.ask('POST', '/push/subscriptions', { body: { endpoint, unassigned }, headers: { 'Idempotency-Key': this.key() } });
  }

  async unsubscribe(id: string): Promise<void> {
    await this.ask('DELETE', '/push/subscriptions/{id}', { params: { path: { id } } });
  }
}
