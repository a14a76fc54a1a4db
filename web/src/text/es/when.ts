import type { Text } from '../en';

export const when: Text['when'] = {
  placeholder: 'mañana a las 9, lunes, en 2 horas…',
  unknown: 'Eso no indica un momento futuro. Prueba «mañana a las 9» o «en 2 horas».',
  exact: 'Fecha y hora',
  offers: { soon: 'Hoy más tarde', evening: 'Esta noche', tomorrow: 'Mañana por la mañana', tomorrowAfternoon: 'Mañana por la tarde', weekend: 'Fin de semana', monday: 'Lunes', week: 'La próxima semana' },
};
