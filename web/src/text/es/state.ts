import type { Text } from '../en';
import { failures } from './failures';

export const state: Text['state'] = {
  sending: 'Enviando',
  waiting: 'Esperando la conexión',
  received: 'Recibido',
  queued: 'En cola',
  sent: 'Enviado',
  delivered: 'Entregado',
  read: 'Leído',
  failed: 'No entregado',
  unknown: 'No está claro si llegó',
  sendAgain: 'Enviar de nuevo',
  sendAgainAnyway: 'Enviar de nuevo de todos modos',
  writeAnew: 'Escribirlo de otra manera',
  retry: 'Reintentar',
  edit: 'Editar',
  discard: 'Descartar',
  failures,
};
