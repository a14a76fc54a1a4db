/** Terms: days as people say them. A month is a twelfth of a year of 365 days, so 24 months are 730 days. */
export type Unit = 'days' | 'months' | 'years';
export const UNITS: readonly Unit[] = ['days', 'months', 'years'];

export interface Term {
  n: number;
  unit: Unit;
}

const YEAR = 365;

export function toDays({ n, unit }: Term): number {
  if (unit === 'years') return n * YEAR;
  return unit === 'months' ? Math.round((n * YEAR) / 12) : n;
}

/** The largest unit that says exactly so many days; up to two years in months, as they are usually meant. */
export function fromDays(days: number): Term {
  if (days > 2 * YEAR && days % YEAR === 0) return { n: days / YEAR, unit: 'years' };
  const months = Math.round((days * 12) / YEAR);
  return months > 3 && toDays({ n: months, unit: 'months' }) === days ? { n: months, unit: 'months' } : { n: days, unit: 'days' };
}

/** The same as it is told: terms that law demands have the leap days they can have, and are whole years all the same. */
export function told(days: number): Term {
  const years = Math.floor(days / 365.25);
  return years > 2 && Math.ceil(years * 365.25) === days ? { n: years, unit: 'years' } : fromDays(days);
}
