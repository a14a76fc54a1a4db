import type { Text } from '../en';
import { failures } from './failures';

export const state: Text['state'] = {
  sending: 'Invio in corso',
  waiting: 'In attesa della connessione',
  received: 'Ricevuto',
  queued: 'In coda',
  sent: 'Inviato',
  delivered: 'Consegnato',
  read: 'Letto',
  failed: 'Non consegnato',
  unknown: 'Non è chiaro se sia arrivato',
  sendAgain: 'Invia di nuovo',
  sendAgainAnyway: 'Invia di nuovo comunque',
  writeAnew: 'Scrivilo diversamente',
  retry: 'Riprova',
  edit: 'Modifica',
  discard: 'Scarta',
  failures,
};
