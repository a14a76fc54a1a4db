/** What views are called, and their pictures. */
import type { Component } from 'svelte';
import AtSign from '@lucide/svelte/icons/at-sign';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import Clock from '@lucide/svelte/icons/clock';
import Inbox from '@lucide/svelte/icons/inbox';
import Layers from '@lucide/svelte/icons/layers';
import ListFilter from '@lucide/svelte/icons/list-filter';
import Tag from '@lucide/svelte/icons/tag';
import User from '@lucide/svelte/icons/user';
import UserX from '@lucide/svelte/icons/user-x';
import Users from '@lucide/svelte/icons/users';
import type { App } from '../app.svelte';
import type { Count } from '../api/model';
import { channelIcon } from '../channels/icon';
import { isFixed, partsOf, type FixedView, type View } from '../inbox/views';
import { t } from '../text/text';

type Picture = Component<{ size?: number }>;
type Known = Pick<App, 'channels' | 'workplace' | 'inbox'>;

const FIXED: Record<FixedView, Picture> = {
  open: Inbox, mine: User, unassigned: UserX, mentions: AtSign, snoozed: Clock, all: Layers, resolved: CircleCheck,
};

/** Something that is gone, or not loaded yet, has no name of its own. */
export function viewName(app: Known, view: View): string {
  if (isFixed(view)) return t.views.names[view];
  const [kind, id] = partsOf(view);
  switch (kind) {
    case 'channel': return app.channels.get(id)?.name ?? t.views.kinds.channel;
    case 'team': return app.workplace.team(id)?.name ?? t.views.kinds.team;
    case 'label': return id;
    default: return app.inbox.saved.find((one) => one.id === id)?.name ?? t.views.kinds.view;
  }
}

export function viewIcon(app: Known, view: View): Picture {
  if (isFixed(view)) return FIXED[view];
  const [kind, id] = partsOf(view);
  switch (kind) {
    case 'channel': return channelIcon(app.channels.get(id)?.kind);
    case 'team': return Users;
    case 'label': return Tag;
    default: return ListFilter;
  }
}

/** The tone of a label, `0` to `5`; null for whatever has a picture instead. */
export function viewTone(app: Known, view: View): string | null {
  const [kind, name] = partsOf(view);
  return kind === 'label' ? (app.workplace.label(name)?.colour ?? null) : null;
}

/** How many there are; undefined where nobody counts. */
export function viewCount(app: Known, view: View): Count | undefined {
  const told = app.workplace.counts;
  const [kind, id] = partsOf(view);
  switch (kind) {
    case 'open': case 'mine': case 'unassigned': case 'mentions': case 'snoozed': case 'all': return told?.[kind];
    case 'channel': return told?.channels?.[id];
    case 'team': return told?.teams?.[id];
    case 'label': return told?.labels?.[app.workplace.label(id)?.id ?? ''];
    default: return undefined;
  }
}
