import type { Text } from '../en';

export const guide: Text['guide'] = {
  title: 'Primi passi',
  lead: 'Pochi minuti, e la prima conversazione è qui.',
  done: 'Fatto',
};
