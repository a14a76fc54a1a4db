/**
 * What a list of conversations asks for, and which it shows: the same words as the query of `GET /conversations`, and as the
 * filter that a saved view keeps. What is asked of the server and what is shown of what is known must agree.
 */
import type { Conversation, Priority } from '../api/model';

export type Status = Conversation['status'];
export const STATUSES: readonly Status[] = ['open', 'pending', 'snoozed', 'resolved'];
export const PRIORITIES: readonly Priority[] = ['urgent', 'high', 'normal', 'low'];
export const SORTS = ['active', 'waiting', 'priority'] as const;
export type Sort = (typeof SORTS)[number];

export interface Filter {
  /** Any of them; all of them if none is named. */
  status?: Status[];
  /** A member, `me`, or `none`. */
  assignee?: string;
  /** A team, or `none`. */
  team?: string;
  label?: string;
  channel?: string;
  priority?: Priority;
  mentioned?: 'me';
  unread?: boolean;
  sort?: Sort;
}

/** As the query of an address has it. */
export type Asked = Record<string, string>;

export function queryOf(filter: Filter): Asked {
  const { status, unread, sort, ...others } = filter;
  const asked: Asked = {};
  if (status?.length) asked.status = status.join(',');
  for (const [key, value] of Object.entries(others)) if (value) asked[key] = value;
  if (unread) asked.unread = 'true';
  if (sort && sort !== 'active') asked.sort = sort;
  return asked;
}

/** Reads what a saved view keeps; what is not understood is left out. */
export function filterOf(kept: unknown): Filter {
  if (typeof kept !== 'object' || kept === null) return {};
  const { status, priority, sort, unread, mentioned, ...others } = kept as Record<string, unknown>;
  const filter: Filter = {};
  const words = (Array.isArray(status) ? status : String(status ?? '').split(',')).filter((one): one is Status => STATUSES.includes(one as Status));
  if (words.length) filter.status = words;
  if (PRIORITIES.includes(priority as Priority)) filter.priority = priority as Priority;
  if (SORTS.includes(sort as Sort)) filter.sort = sort as Sort;
  if (unread === true || unread === 'true') filter.unread = true;
  if (mentioned === 'me') filter.mentioned = 'me';
  for (const key of ['assignee', 'team', 'label', 'channel'] as const) {
    const value = others[key];
    if (typeof value === 'string' && value) filter[key] = value;
  }
  return filter;
}

/** Whether a conversation is among what a filter shows. `me` is the member who looks. */
export function shows(filter: Filter, one: Conversation, me: string): boolean {
  return (
    (!filter.status?.length || filter.status.includes(one.status)) &&
    names(filter.assignee, one.assignee_id, me) &&
    names(filter.team, one.team_id, me) &&
    (!filter.label || one.labels.some((label) => alike(label, filter.label as string))) &&
    (!filter.channel || one.channel_id === filter.channel) &&
    (!filter.priority || one.priority === filter.priority) &&
    (!filter.unread || one.unread_count > 0) &&
    (!filter.mentioned || one.mentioned === true)
  );
}

function names(wanted: string | undefined, is: string | null | undefined, me: string): boolean {
  if (!wanted) return true;
  if (wanted === 'none') return !is;
  return is === (wanted === 'me' ? me : wanted);
}

export function alike(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** How much two filters differ is of no interest, only whether. */
export function sameFilter(one: Filter, other: Filter): boolean {
  const words = (filter: Filter) => JSON.stringify(Object.entries(queryOf({ ...filter, status: [...(filter.status ?? [])].sort() })).sort());
  return words(one) === words(other);
}
