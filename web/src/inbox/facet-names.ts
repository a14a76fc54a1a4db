/** What can be filtered by, and how it is said. */
import type { App } from '../app.svelte';
import { t } from '../text/text';
import type { Option } from '../controls/options';
import { PRIORITIES, STATUSES, type Status } from './filter';
import { split, type Facet } from './facets';
import type { Priority } from '../api/model';

type Known = Pick<App, 'channels' | 'workplace' | 'members' | 'memberName' | 'inbox'>;

export function facetName(app: Known, facet: Facet): string {
  const [kind, value] = split(facet);
  switch (kind) {
    case 'unread': return t.filters.unread;
    case 'mentioned': return t.filters.mentioned;
    case 'status': return t.filters.statuses[value as Status];
    case 'priority': return t.inbox.priority(t.contact.priorities[value as Priority]);
    case 'assignee': return value === 'me' ? t.filters.mine : value === 'none' ? t.thread.unassigned : t.inbox.assignedTo(app.memberName(value) ?? '');
    case 'team': return value === 'none' ? t.filters.noTeam : (app.workplace.team(value)?.name ?? '');
    case 'label': return value;
    default: return app.channels.get(value)?.name ?? '';
  }
}

/** The name of a label, wherever one is known from. */
export function labelNames(app: Pick<App, 'workplace' | 'inbox'>): string[] {
  const known = app.workplace.labels.map((label) => label.name);
  const used = app.inbox.list('all').flatMap((one) => one.labels);
  const all = new Map([...used, ...known].map((name) => [name.toLowerCase(), name]));
  return [...all.values()].sort((one, other) => one.localeCompare(other));
}

export function facetOptions(app: Known): Option[] {
  const option = (facet: Facet, hint: string, words = hint): Option => ({ key: facet, label: facetName(app, facet), hint, words });
  return [
    option('unread', ''),
    option('mentioned', ''),
    ...['me', 'none', ...app.members.map((member) => member.id)].map((id) => option(`assignee:${id}`, '', t.thread.assign)),
    ...PRIORITIES.map((one) => option(`priority:${one}`, '')),
    ...labelNames(app).map((name) => option(`label:${name}`, t.contact.labels)),
    ...app.workplace.teams.map((team) => option(`team:${team.id}`, t.filters.team)),
    ...app.channels.all.map((channel) => option(`channel:${channel.id}`, t.contact.channel)),
    ...STATUSES.map((one) => option(`status:${one}`, t.filters.status)),
  ];
}
