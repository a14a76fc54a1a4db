/** What the audit log calls what was done, and how that is said. */
import { t } from '../text/text';

/** Every act that the server records, as it names them. */
export const ACTS = [
  'attachment.read', 'attachment.uploaded', 'audit.read', 'business_hours.set', 'canned_reply.created', 'canned_reply.deleted', 'canned_reply.updated', 'channel.changed', 'channel.connected',
  'channel.disconnected', 'channel.profile_changed', 'channel.secret_rotated', 'consent.given', 'consent.withdrawn', 'consents.read', 'contact.changed', 'contact.created', 'contact.erased', 'contact.merged',
  'contact.read', 'contact.split', 'contacts.listed', 'conversation.changed', 'conversation.opened', 'conversation.read', 'conversation.woken', 'conversations.changed',
  'conversations.listed', 'draft.kept', 'draft.removed', 'drafts.listed', 'keys.rotated', 'keys.rotation_began', 'label.created', 'label.deleted', 'label.updated', 'member.created',
  'member.invited', 'member.joined', 'member.password_set', 'member.updated', 'merges.read', 'message.edited', 'message.read', 'message.removed', 'message.retried', 'message.scheduled',
  'message.written', 'messages.read', 'messages.searched', 'scheduled.changed', 'scheduled.listed', 'scheduled.read', 'scheduled.taken_back', 'session.closed', 'session.opened', 'session.revoked',
  'session.revoked_all', 'stream.opened', 'team.created', 'team.deleted', 'team.updated', 'template.created', 'template.deleted', 'templates.synced', 'token.created', 'token.revoked', 'view.created', 'view.deleted', 'view.updated',
  'workspace.created', 'workspace.renamed',
] as const;

/** `Contact: read`. An act that is not known here is shown as the server names it. */
export function actName(act: string): string {
  const [thing, what] = act.split('.');
  const subject = t.audit.things[thing ?? ''];
  const done = t.audit.deeds[what ?? ''];
  return subject && done ? t.audit.did(subject, done) : act;
}
