/** The views of the inbox, by the names that addresses use, and what each of them shows. */
import type { SavedView } from '../api/model';
import { filterOf, type Filter } from './filter';

/** Those that every workspace has, in the order in which they are offered. */
export const VIEWS = ['open', 'mine', 'unassigned', 'mentions', 'snoozed', 'all', 'resolved'] as const;
export type FixedView = (typeof VIEWS)[number];
const BY = ['channel', 'team', 'label', 'view'] as const;
/** One of those, or what is behind a channel, a team, a label, or a view that somebody saved: `team:tea_…`. */
export type View = FixedView | `${(typeof BY)[number]}:${string}`;

export function isFixed(name: string): name is FixedView {
  return (VIEWS as readonly string[]).includes(name);
}

export function isView(name: string): name is View {
  return isFixed(name) || BY.some((by) => name.startsWith(`${by}:`) && name.length > by.length + 1);
}

/** What a view is about: `['team', 'tea_…']`, `['mine', '']`. */
export function partsOf(view: View): [string, string] {
  const colon = view.indexOf(':');
  return colon < 0 ? [view, ''] : [view.slice(0, colon), view.slice(colon + 1)];
}

/** What a view shows. `saved` are the views that members saved; one that is not known (yet) shows what is open. */
export function filterFor(view: View, saved: readonly SavedView[]): Filter {
  const [kind, id] = partsOf(view);
  switch (kind) {
    case 'open': return { status: ['open'] };
    case 'mine': return { status: ['open'], assignee: 'me' };
    case 'unassigned': return { status: ['open'], assignee: 'none' };
    case 'mentions': return { mentioned: 'me' };
    case 'snoozed': return { status: ['snoozed'] };
    case 'resolved': return { status: ['resolved'] };
    case 'channel': return { status: ['open'], channel: id };
    case 'team': return { status: ['open'], team: id };
    case 'label': return { status: ['open'], label: id };
    case 'view': return filterOf(saved.find((one) => one.id === id)?.filter ?? { status: ['open'] });
    default: return {};
  }
}
