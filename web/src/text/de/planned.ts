import type { Text } from '../en';
import { count } from './count';

export const planned: Text['planned'] = {
  title: 'Geplante Nachricht',
  at: (moment: string) => `Wird gesendet: ${moment}`,
  set: (moment: string) => `Geplant für ${moment}`,
  moved: (moment: string) => `Verschoben auf ${moment}`,
  soon: (n: number) => count(n, 'Wird in # s gesendet', 'Wird in # s gesendet'),
  failed: 'Konnte nicht gesendet werden.',
  gone: 'Sie ist schon gesendet.',
  edit: 'Bearbeiten',
  move: 'Anderer Zeitpunkt',
  now: 'Jetzt senden',
  remove: 'Nicht senden',
};
