/** The views of the inbox, in the sidebar and above the list. */
import { count } from './count';

export const views = {
  names: {
    open: 'Inbox',
    mine: 'Mine',
    unassigned: 'Unassigned',
    mentions: 'Mentions',
    snoozed: 'Snoozed',
    all: 'All',
    resolved: 'Resolved',
  },
  kinds: {
    view: 'View',
    team: 'Team',
    label: 'Label',
    channel: 'Channel',
  },
  savedViews: 'Views',
  teams: 'Teams',
  labels: 'Labels',
  channels: 'Channels',
  unread: (n: number) => count(n, '# unread', '# unread'),
};
