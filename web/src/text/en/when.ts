/** Moments ahead. */

export const when = {
  placeholder: 'tomorrow 9:00, Monday, in 2 hours…',
  unknown: 'No moment ahead is meant by that. Try “tomorrow 9:00” or “in 2 hours”.',
  exact: 'Date and time',
  offers: { soon: 'Later today', evening: 'This evening', tomorrow: 'Tomorrow morning', tomorrowAfternoon: 'Tomorrow afternoon', weekend: 'Weekend', monday: 'Monday', week: 'Next week' },
};
