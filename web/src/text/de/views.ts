import type { Text } from '../en';
import { count } from './count';

export const views: Text['views'] = {
  names: {
    open: 'Posteingang',
    mine: 'Meine',
    unassigned: 'Nicht zugewiesen',
    mentions: 'Erwähnungen',
    snoozed: 'Zurückgestellt',
    all: 'Alle',
    resolved: 'Erledigt',
  },
  kinds: {
    view: 'Ansicht',
    team: 'Team',
    label: 'Etikett',
    channel: 'Kanal',
  },
  savedViews: 'Ansichten',
  teams: 'Teams',
  labels: 'Etiketten',
  channels: 'Kanäle',
  unread: (n) => count(n, '# ungelesen', '# ungelesen'),
};
