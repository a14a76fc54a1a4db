import type { Text } from '../en';

export const connection: Text['connection'] = {
  connecting: 'Verbindung wird hergestellt…',
  reconnecting: 'Verbindung verloren. Neuer Versuch…',
  catching_up: 'Wieder da. Verpasstes wird geholt…',
};
