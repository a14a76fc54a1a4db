/** What each role may do, as the server's own table says. The server decides; this only spares a screen that would be refused. */
export type Right =
  | 'read_conversations' | 'write_conversations' | 'write_contacts' | 'erase_contacts' | 'export_contacts' | 'manage_retention' | 'record_requests' | 'answer_requests' | 'read_directory' | 'manage_channels' | 'manage_members' | 'manage_owners'
  | 'manage_webhooks' | 'read_audit' | 'manage_workspace';

export const ROLES = ['owner', 'admin', 'agent', 'viewer', 'privacy', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

const BY_ROLE: Record<string, readonly Right[]> = {
  agent: ['read_conversations', 'write_conversations', 'write_contacts', 'record_requests', 'read_directory'],
  viewer: ['read_conversations', 'read_directory'],
  privacy: ['erase_contacts', 'export_contacts', 'manage_retention', 'record_requests', 'answer_requests', 'read_directory', 'read_audit'],
  auditor: ['read_audit'],
};

export function may(role: string | undefined, right: Right): boolean {
  if (role === 'owner') return true;
  if (role === 'admin') return right !== 'manage_owners';
  return Object.hasOwn(BY_ROLE, role ?? '') && (BY_ROLE[role ?? '']?.includes(right) ?? false);
}

/** The roles that a member with `role` may give. */
export function givable(role: string | undefined): Role[] {
  if (!may(role, 'manage_members')) return [];
  return ROLES.filter((one) => one !== 'owner' || may(role, 'manage_owners'));
}
