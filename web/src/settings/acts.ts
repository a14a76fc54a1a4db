/** What the audit log calls what was done, and how that is said. */
import { t } from '../text/text';

/** Every act that the server records, as it names them. */
export const ACTS = [
  'attachment.looked_up', 'attachment.read', 'attachment.uploaded', 'audit.exported', 'audit.read', 'business_hours.set', 'canned_reply.created',
  'canned_reply.deleted', 'canned_reply.updated', 'channel.account_chosen', 'channel.authorization_begun', 'channel.authorized', 'channel.changed', 'channel.checked', 'channel.connected',
  'channel.content_ended', 'channel.created', 'channel.disconnected', 'channel.profile_changed', 'channel.reconnected', 'channel.secret_rotated', 'channel.sharing_allowed', 'channel.sharing_ended',
  'channel.state_changed', 'channel.updated', 'consent.given', 'consent.withdrawn', 'consents.read', 'contact.changed', 'contact.created', 'contact.deletion_asked',
  'contact.erased', 'contact.erasure_held', 'contact.export_link_made', 'contact.export_ordered', 'contact.export_taken', 'contact.exported', 'contact.looked_up', 'contact.merged', 'contact.objected', 'contact.objection_withdrawn', 'contact.read',
  'contact.restricted', 'contact.restriction_explained', 'contact.split', 'contact.unrestricted', 'contact.unsubscribed', 'contacts.listed', 'contacts.searched',
  'conversation.changed', 'conversation.opened', 'conversation.read', 'conversation.woken', 'conversations.changed', 'conversations.listed', 'data.restored',
  'draft.kept', 'draft.read', 'draft.removed', 'drafts.listed', 'erasure.evidence', 'erasure.read', 'hold.ended', 'hold.followed', 'hold.lifted', 'hold.read', 'hold.set', 'holds.listed',
  'keys.rotated', 'keys.rotation_began', 'label.created', 'label.deleted', 'label.updated', 'member.created', 'member.invited', 'member.joined', 'member.password_set',
  'member.updated', 'members.listed', 'merges.read', 'message.edited', 'message.read', 'message.removed', 'message.retried', 'message.scheduled', 'message.written',
  'messages.read', 'messages.searched', 'push.subscribed', 'push.unsubscribed', 'request.closed', 'request.code_sent', 'request.extended', 'request.noted', 'request.read',
  'request.received', 'request.verified', 'requests.read', 'retention.set', 'scheduled.changed', 'scheduled.listed', 'scheduled.read', 'scheduled.taken_back',
  'second_factor.begun', 'second_factor.confirmed', 'second_factor.recovered', 'second_factor.removed', 'second_factor.taken_off', 'session.closed', 'session.opened',
  'session.revoked', 'session.revoked_all', 'site.created', 'site.deleted', 'site.updated', 'stream.opened', 'team.created', 'team.deleted', 'team.updated',
  'template.created', 'template.deleted', 'templates.synced', 'token.created', 'token.revoked', 'view.created', 'view.deleted', 'view.updated', 'webhook.created',
  'webhook.deleted', 'webhook.replayed', 'webhook.switched_off', 'webhook.updated', 'workspace.created', 'workspace.declared', 'workspace.end_begun', 'workspace.end_cancelled', 'workspace.end_ordered', 'workspace.ended', 'workspace.exported', 'workspace.renamed', 'workspace.settled',
] as const;

/** `Contact: read`. An act that is not known here is shown as the server names it. */
export function actName(act: string): string {
  const [thing, what] = act.split('.');
  const subject = t.audit.things[thing ?? ''];
  const done = t.audit.deeds[what ?? ''];
  return subject && done ? t.audit.did(subject, done) : act;
}
