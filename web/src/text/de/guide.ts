import type { Text } from '../en';

export const guide: Text['guide'] = {
  title: 'Erste Schritte',
  lead: 'Ein paar Minuten, und das erste Gespräch ist da.',
  done: 'Erledigt',
};
