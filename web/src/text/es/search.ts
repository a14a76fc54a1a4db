import type { Text } from '../en';
import { count } from './count';

export const search: Text['search'] = {
  title: 'Buscar',
  placeholder: 'Buscar en los mensajes…',
  hint: 'Palabras de cualquier mensaje, en cualquier conversación.',
  none: (q) => `Nada encontrado para «${q}»`,
  noneHint: 'Se encuentran palabras completas; prueba con menos o más cortas.',
  found: (n) => count(n, '# mensaje', '# mensajes'),
  keys: 'para moverte',
  keysOpen: 'para abrir',
  noneNarrowHint: 'Quizá esté fuera de lo que has acotado.',
  narrow: 'Acotar la búsqueda',
  widen: 'Todo',
  where: 'Dónde',
  channel: 'Canal',
  anyChannel: 'Cualquier canal',
  label: 'Etiqueta',
  anyLabel: 'Cualquier etiqueta',
  when: 'Cuándo',
  places: { everywhere: 'En todas partes', contact: 'Con este contacto', conversation: 'En esta conversación' },
  ages: { any: 'En cualquier momento', day: 'Desde ayer', week: 'En la última semana', month: 'En el último mes', year: 'En el último año' },
};
