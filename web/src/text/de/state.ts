import type { Text } from '../en';
import { failures } from './failures';

export const state: Text['state'] = {
  sending: 'Wird gesendet',
  waiting: 'Wartet auf die Verbindung',
  received: 'Empfangen',
  queued: 'In der Warteschlange',
  sent: 'Gesendet',
  delivered: 'Zugestellt',
  read: 'Gelesen',
  failed: 'Nicht zugestellt',
  unknown: 'Unklar, ob es ankam',
  sendAgain: 'Erneut senden',
  sendAgainAnyway: 'Trotzdem erneut senden',
  writeAnew: 'Anders schreiben',
  retry: 'Erneut versuchen',
  edit: 'Bearbeiten',
  discard: 'Verwerfen',
  failures,
};
