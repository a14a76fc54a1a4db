import type { Text } from '../en';
import { count } from './count';

export const search: Text['search'] = {
  title: 'Suche',
  placeholder: 'Nachrichten durchsuchen…',
  hint: 'Wörter aus jeder Nachricht, in jedem Gespräch.',
  none: (q) => `Nichts gefunden für „${q}“`,
  noneHint: 'Gefunden werden ganze Wörter; versuchen Sie weniger oder kürzere.',
  found: (n) => count(n, '# Nachricht', '# Nachrichten'),
  keys: 'zum Bewegen',
  keysOpen: 'zum Öffnen',
  noneNarrowHint: 'Vielleicht liegt es außerhalb dessen, worauf Sie die Suche eingegrenzt haben.',
  narrow: 'Suche eingrenzen',
  widen: 'Alles',
  where: 'Wo',
  channel: 'Kanal',
  anyChannel: 'Alle Kanäle',
  label: 'Etikett',
  anyLabel: 'Alle Etiketten',
  when: 'Wann',
  places: { everywhere: 'Überall', contact: 'Mit diesem Kontakt', conversation: 'In diesem Gespräch' },
  ages: { any: 'Jederzeit', day: 'Seit gestern', week: 'In der letzten Woche', month: 'Im letzten Monat', year: 'Im letzten Jahr' },
};
