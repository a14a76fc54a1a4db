import type { Text } from '../en';

export const when: Text['when'] = {
  placeholder: 'domani alle 9, lunedì, tra 2 ore…',
  unknown: 'Non indica un momento futuro. Prova «domani alle 9» o «tra 2 ore».',
  exact: 'Data e ora',
  offers: { soon: 'Più tardi oggi', evening: 'Stasera', tomorrow: 'Domani mattina', tomorrowAfternoon: 'Domani pomeriggio', weekend: 'Fine settimana', monday: 'Lunedì', week: 'La prossima settimana' },
};
