/** A filter in parts that are put in and taken out one by one: `priority:urgent`, `label:VIP`, `unread`. */
import type { Filter, Status } from './filter';
import type { Priority } from '../api/model';

export type Facet = string;

/** What a filter is made of, besides its order. */
export function facetsOf(filter: Filter): Facet[] {
  const { status, unread, mentioned, sort: _, ...single } = filter;
  return [
    ...(status ?? []).map((one) => `status:${one}`),
    ...(unread ? ['unread'] : []),
    ...(mentioned ? ['mentioned'] : []),
    ...Object.entries(single).flatMap(([key, value]) => (value ? [`${key}:${value}`] : [])),
  ];
}

/** The filter with a facet where it was not, or without it where it was. Of most kinds there is one at a time; of statuses any number. */
export function turned(filter: Filter, facet: Facet): Filter {
  const [kind, value] = split(facet);
  const on = !facetsOf(filter).includes(facet);
  const next: Filter = { ...filter };
  if (kind === 'status') {
    const status = on ? [...(filter.status ?? []), value as Status] : (filter.status ?? []).filter((one) => one !== value);
    if (status.length > 0) next.status = status;
    else delete next.status;
  } else if (kind === 'unread') set(next, 'unread', on ? true : undefined);
  else if (kind === 'mentioned') set(next, 'mentioned', on ? 'me' : undefined);
  else if (kind === 'priority') set(next, 'priority', on ? (value as Priority) : undefined);
  else if (kind === 'assignee' || kind === 'team' || kind === 'label' || kind === 'channel') set(next, kind, on ? value : undefined);
  return next;
}

function set<K extends keyof Filter>(filter: Filter, key: K, value: Filter[K] | undefined): void {
  if (value === undefined) delete filter[key];
  else filter[key] = value;
}

/** `['label', 'a:b']` of `label:a:b`. */
export function split(facet: Facet): [string, string] {
  const colon = facet.indexOf(':');
  return colon < 0 ? [facet, ''] : [facet.slice(0, colon), facet.slice(colon + 1)];
}
