import type { Text } from '../en';
import { count } from './count';

export const inbox: Text['inbox'] = {
  list: 'Conversazioni',
  unread: (n) => count(n, '# messaggio non letto', '# messaggi non letti'),
  you: 'Tu',
  attachment: 'Allegato',
  place: 'Posizione',
  card: 'Biglietto da visita',
  removed: 'Messaggio rimosso',
  draft: 'Bozza',
  noMessage: 'Ancora nessun messaggio',
  typing: 'sta scrivendo…',
  unnamed: 'Contatto sconosciuto',
  priority: (name) => `Priorità: ${name}`,
  assignedTo: (name) => `Assegnata a ${name}`,
  mentioned: 'Sei menzionato',
  snoozedUntil: (moment: string) => `Rimandata a: ${moment}`,
  waiting: 'In attesa da',
  waitingSince: (moment: string) => `Aspetta una risposta da: ${moment}`,
  planned: 'C’è un messaggio programmato',
  plannedFailed: 'Un messaggio programmato non è partito',
};
