import type { Text } from '../en';
import { count } from './count';

export const planned: Text['planned'] = {
  title: 'Mensaje programado',
  at: (moment: string) => `Se enviará: ${moment}`,
  set: (moment: string) => `Programado para: ${moment}`,
  moved: (moment: string) => `Movido a: ${moment}`,
  soon: (n: number) => count(n, 'Se envía en # s', 'Se envía en # s'),
  failed: 'No se pudo enviar.',
  gone: 'Ya se ha enviado.',
  edit: 'Editar',
  move: 'Otro momento',
  now: 'Enviar ahora',
  remove: 'No enviar',
};
