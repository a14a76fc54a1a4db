import type { Text } from '../en';
import { count } from './count';

export const inbox: Text['inbox'] = {
  list: 'Conversaciones',
  unread: (n) => count(n, '# mensaje sin leer', '# mensajes sin leer'),
  you: 'Tú',
  attachment: 'Archivo adjunto',
  place: 'Ubicación',
  card: 'Tarjeta de contacto',
  removed: 'Mensaje eliminado',
  draft: 'Borrador',
  noMessage: 'Aún no hay mensajes',
  typing: 'escribiendo…',
  unnamed: 'Contacto desconocido',
  priority: (name) => `Prioridad: ${name}`,
  assignedTo: (name) => `Asignada a ${name}`,
  mentioned: 'Te mencionan',
  snoozedUntil: (moment: string) => `Pospuesta hasta: ${moment}`,
  waiting: 'Esperando desde hace',
  waitingSince: (moment: string) => `Espera respuesta desde: ${moment}`,
  planned: 'Hay un mensaje programado',
  plannedFailed: 'Un mensaje programado no se pudo enviar',
};
