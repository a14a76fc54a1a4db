/** Moments in words. Pure: `now` is always given, in milliseconds since 1970. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Short and relative, for lists: `now`, `5m`, `3h`, `Tue`, `12 Mar`, `12/03/24`. */
export function short(moment: string, now: number, locale?: string): string {
  const at = Date.parse(moment);
  if (Number.isNaN(at)) return '';
  const age = now - at;
  if (age < MINUTE) return 'now';
  if (age < HOUR) return `${Math.floor(age / MINUTE)}m`;
  if (age < DAY && sameDay(at, now)) return `${Math.floor(age / HOUR)}h`;
  if (age < 6 * DAY) return format(at, { weekday: 'short' }, locale);
  if (sameYear(at, now)) return format(at, { day: 'numeric', month: 'short' }, locale);
  return format(at, { day: '2-digit', month: '2-digit', year: '2-digit' }, locale);
}

/** `14:05`. */
export function clockTime(moment: string, locale?: string): string {
  return format(Date.parse(moment), { hour: '2-digit', minute: '2-digit' }, locale);
}

/** For a tooltip: everything. */
export function whole(moment: string, locale?: string): string {
  return format(Date.parse(moment), { dateStyle: 'full', timeStyle: 'short' }, locale);
}

/** `12 March 2024`. */
export function date(moment: string, locale?: string): string {
  return format(Date.parse(moment), { dateStyle: 'long' }, locale);
}

/** `Today`, `Yesterday`, `Tuesday`, `12 March`, `12 March 2024`. */
export function day(moment: string, now: number, words: { today: string; yesterday: string }, locale?: string): string {
  const at = Date.parse(moment);
  if (Number.isNaN(at)) return '';
  if (sameDay(at, now)) return words.today;
  if (sameDay(at, now - DAY)) return words.yesterday;
  if (now - at < 6 * DAY) return format(at, { weekday: 'long' }, locale);
  const year = sameYear(at, now) ? undefined : ('numeric' as const);
  return format(at, { day: 'numeric', month: 'long', year }, locale);
}

export function sameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

function sameYear(one: number, other: number): boolean {
  return new Date(one).getFullYear() === new Date(other).getFullYear();
}

function format(at: number, options: Intl.DateTimeFormatOptions, locale?: string): string {
  return Number.isNaN(at) ? '' : new Intl.DateTimeFormat(locale, options).format(at);
}
