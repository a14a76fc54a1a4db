import type { Text } from '../en';
import { count } from './count';

export const inbox: Text['inbox'] = {
  list: 'Gespräche',
  unread: (n) => count(n, '# ungelesene Nachricht', '# ungelesene Nachrichten'),
  you: 'Sie',
  attachment: 'Anhang',
  place: 'Standort',
  card: 'Visitenkarte',
  removed: 'Nachricht entfernt',
  draft: 'Entwurf',
  noMessage: 'Noch keine Nachricht',
  typing: 'schreibt…',
  unnamed: 'Unbekannter Kontakt',
  priority: (name) => `Priorität: ${name}`,
  assignedTo: (name) => `Zugewiesen an ${name}`,
  mentioned: 'Sie sind erwähnt',
  snoozedUntil: (moment: string) => `Zurückgestellt bis ${moment}`,
  waiting: 'Wartet seit',
  waitingSince: (moment: string) => `Wartet auf Antwort seit ${moment}`,
  planned: 'Etwas ist geplant',
  plannedFailed: 'Eine geplante Nachricht konnte nicht gesendet werden',
};
