import type { Text } from '../en';
import { count } from './count';

export const views: Text['views'] = {
  names: {
    open: 'In arrivo',
    mine: 'Mie',
    unassigned: 'Non assegnate',
    mentions: 'Menzioni',
    snoozed: 'Rimandate',
    all: 'Tutte',
    resolved: 'Risolte',
  },
  kinds: {
    view: 'Vista',
    team: 'Gruppo',
    label: 'Etichetta',
    channel: 'Canale',
  },
  savedViews: 'Viste',
  teams: 'Gruppi',
  labels: 'Etichette',
  channels: 'Canali',
  unread: (n) => count(n, '# non letta', '# non lette'),
};
