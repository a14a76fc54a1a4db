import type { Text } from '../en';
import { count } from './count';

export const planned: Text['planned'] = {
  title: 'Messaggio programmato',
  at: (moment: string) => `Partirà: ${moment}`,
  set: (moment: string) => `Programmato per: ${moment}`,
  moved: (moment: string) => `Spostato a: ${moment}`,
  soon: (n: number) => count(n, 'Invio tra # s', 'Invio tra # s'),
  failed: 'Non è stato possibile inviarlo.',
  gone: 'È già stato inviato.',
  edit: 'Modifica',
  move: 'Un altro momento',
  now: 'Invia ora',
  remove: 'Non inviare',
};
