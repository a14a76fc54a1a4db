import type { Text } from '../en';

export const connection: Text['connection'] = {
  connecting: 'Connessione…',
  reconnecting: 'Connessione persa. Nuovo tentativo…',
  catching_up: 'Di nuovo in linea. Recupero in corso…',
};
