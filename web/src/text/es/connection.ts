import type { Text } from '../en';

export const connection: Text['connection'] = {
  connecting: 'Conectando…',
  reconnecting: 'Conexión perdida. Reconectando…',
  catching_up: 'De vuelta. Poniéndose al día…',
};
