import type { Text } from '../en';

export const when: Text['when'] = {
  placeholder: 'morgen 9 Uhr, Montag, in 2 Stunden …',
  unknown: 'Damit ist kein künftiger Zeitpunkt gemeint. Versuchen Sie „morgen 9 Uhr“ oder „in 2 Stunden“.',
  exact: 'Datum und Uhrzeit',
  offers: { soon: 'Später heute', evening: 'Heute Abend', tomorrow: 'Morgen früh', tomorrowAfternoon: 'Morgen Nachmittag', weekend: 'Wochenende', monday: 'Montag', week: 'Nächste Woche' },
};
