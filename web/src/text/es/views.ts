import type { Text } from '../en';
import { count } from './count';

export const views: Text['views'] = {
  names: {
    open: 'Bandeja',
    mine: 'Mías',
    unassigned: 'Sin asignar',
    mentions: 'Menciones',
    snoozed: 'Pospuestas',
    all: 'Todas',
    resolved: 'Resueltas',
  },
  kinds: {
    view: 'Vista',
    team: 'Equipo',
    label: 'Etiqueta',
    channel: 'Canal',
  },
  savedViews: 'Vistas',
  teams: 'Equipos',
  labels: 'Etiquetas',
  channels: 'Canales',
  unread: (n) => count(n, '# sin leer', '# sin leer'),
};
