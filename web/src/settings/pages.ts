/**
 * The pages of the settings, in the order in which they are offered. Each is a component of its own that is loaded when it is opened, takes
 * `{ item: string | null }` (what the address says after the page's name, such as the id of what is being changed), and begins with `SettingsPage`.
 */
import type { Component } from 'svelte';
import Building from '@lucide/svelte/icons/building-2';
import Cookie from '@lucide/svelte/icons/cookie';
import Clock from '@lucide/svelte/icons/calendar-clock';
import Hourglass from '@lucide/svelte/icons/hourglass';
import KeyRound from '@lucide/svelte/icons/key-round';
import ListFilter from '@lucide/svelte/icons/list-filter';
import Inbox from '@lucide/svelte/icons/mailbox';
import Plug from '@lucide/svelte/icons/plug';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Shield from '@lucide/svelte/icons/shield-check';
import Tag from '@lucide/svelte/icons/tag';
import TextQuote from '@lucide/svelte/icons/text-quote';
import UserRound from '@lucide/svelte/icons/user-round';
import Users from '@lucide/svelte/icons/users';
import UsersRound from '@lucide/svelte/icons/contact-round';
import Webhook from '@lucide/svelte/icons/webhook';
import { t } from '../text/text';
import { may, type Right } from './rights';

export const GROUPS = ['member', 'workspace', 'work', 'connections', 'data'] as const;

export interface SettingsEntry {
  /** As the address names it. */
  name: string;
  group: (typeof GROUPS)[number];
  label: () => string;
  icon: Component<{ size?: number }>;
  load: () => Promise<{ default: Component<{ item: string | null }> | Component<Record<string, never>> }>;
  /** Whom it is for; everybody if nothing is said. The server decides, this only spares a page that would be empty. */
  right?: Right;
}

export const PAGES: readonly SettingsEntry[] = [
  { name: 'profile', group: 'member', label: () => t.profile.title, icon: UserRound, load: () => import('./ProfilePage.svelte') },
  { name: 'security', group: 'member', label: () => t.settings.pages.security, icon: Shield, load: () => import('./SecurityPage.svelte') },
  { name: 'tokens', group: 'member', label: () => t.settings.pages.tokens, icon: KeyRound, load: () => import('./TokensPage.svelte') },
  { name: 'workspace', group: 'workspace', label: () => t.settings.pages.workspace, icon: Building, right: 'manage_workspace', load: () => import('./WorkspacePage.svelte') },
  { name: 'members', group: 'workspace', label: () => t.settings.pages.members, icon: UsersRound, right: 'read_directory', load: () => import('./MembersPage.svelte') },
  { name: 'teams', group: 'workspace', label: () => t.settings.pages.teams, icon: Users, right: 'read_directory', load: () => import('./TeamsPage.svelte') },
  { name: 'hours', group: 'workspace', label: () => t.settings.pages.hours, icon: Clock, right: 'read_directory', load: () => import('./HoursPage.svelte') },
  { name: 'labels', group: 'work', label: () => t.settings.pages.labels, icon: Tag, right: 'read_conversations', load: () => import('./LabelsPage.svelte') },
  { name: 'canned', group: 'work', label: () => t.settings.pages.canned, icon: TextQuote, right: 'read_conversations', load: () => import('./CannedPage.svelte') },
  { name: 'views', group: 'work', label: () => t.settings.pages.views, icon: ListFilter, right: 'read_conversations', load: () => import('./ViewsPage.svelte') },
  { name: 'channels', group: 'connections', label: () => t.channels.title, icon: Plug, right: 'read_directory', load: () => import('../channels/ChannelsPage.svelte') },
  { name: 'webhooks', group: 'connections', label: () => t.settings.pages.webhooks, icon: Webhook, right: 'manage_webhooks', load: () => import('./WebhooksPage.svelte') },
  { name: 'sites', group: 'connections', label: () => t.settings.pages.sites, icon: Cookie, right: 'manage_workspace', load: () => import('./SitesPage.svelte') },
  { name: 'retention', group: 'data', label: () => t.settings.pages.retention, icon: Hourglass, right: 'manage_retention', load: () => import('./RetentionPage.svelte') },
  { name: 'requests', group: 'data', label: () => t.settings.pages.requests, icon: Inbox, right: 'answer_requests', load: () => import('./RequestsPage.svelte') },
  { name: 'keys', group: 'data', label: () => t.settings.pages.keys, icon: RefreshCw, right: 'manage_workspace', load: () => import('./KeysPage.svelte') },
  { name: 'audit', group: 'data', label: () => t.settings.pages.audit, icon: ScrollText, right: 'read_audit', load: () => import('./AuditPage.svelte') },
];

export function pagesFor(role: string): SettingsEntry[] {
  return PAGES.filter((page) => !page.right || may(role, page.right));
}
