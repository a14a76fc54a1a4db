import type { Text } from '../en';

export const guide: Text['guide'] = {
  title: 'Primeros pasos',
  lead: 'Unos minutos, y la primera conversación está aquí.',
  done: 'Hecho',
};
