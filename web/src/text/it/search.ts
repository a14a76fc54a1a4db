import type { Text } from '../en';
import { count } from './count';

export const search: Text['search'] = {
  title: 'Cerca',
  placeholder: 'Cerca nei messaggi…',
  hint: 'Parole di qualsiasi messaggio, in qualsiasi conversazione.',
  none: (q) => `Nessun risultato per «${q}»`,
  noneHint: 'Si trovano parole intere; prova con meno parole o più corte.',
  found: (n) => count(n, '# messaggio', '# messaggi'),
  keys: 'per spostarti',
  keysOpen: 'per aprire',
  noneNarrowHint: 'Forse è fuori da ciò a cui hai ristretto la ricerca.',
  narrow: 'Restringi la ricerca',
  widen: 'Tutto',
  where: 'Dove',
  channel: 'Canale',
  anyChannel: 'Tutti i canali',
  label: 'Etichetta',
  anyLabel: 'Tutte le etichette',
  when: 'Quando',
  places: { everywhere: 'Ovunque', contact: 'Con questo contatto', conversation: 'In questa conversazione' },
  ages: { any: 'In qualsiasi momento', day: 'Da ieri', week: 'Nell’ultima settimana', month: 'Nell’ultimo mese', year: 'Nell’ultimo anno' },
};
