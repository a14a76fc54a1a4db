/** Moments in words, as the member's language and country write them. Pure: `now` is always given, in milliseconds since 1970. */
import { locale as spoken, measure } from '../text/intl';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Short and relative, for lists: `now`, `5m`, `3h`, `Tue`, `12 Mar`, `12/03/24`. */
export function short(moment: string, now: number, locale: string = spoken()): string {
  const at = Date.parse(moment);
  if (Number.isNaN(at)) return '';
  const age = now - at;
  if (age < MINUTE) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'narrow' }).format(0, 'second');
  if (age < HOUR) return measure(Math.floor(age / MINUTE), 'minute', 'narrow', locale);
  if (age < DAY && sameDay(at, now)) return measure(Math.floor(age / HOUR), 'hour', 'narrow', locale);
  if (age < 6 * DAY) return format(at, { weekday: 'short' }, locale);
  if (sameYear(at, now)) return format(at, { day: 'numeric', month: 'short' }, locale);
  return format(at, { day: '2-digit', month: '2-digit', year: '2-digit' }, locale);
}

/** `3 hours ago`, `tomorrow`, `in 2 weeks`: in the largest unit that fits. */
export function relative(moment: string, now: number, locale: string = spoken()): string {
  const away = Date.parse(moment) - now;
  if (Number.isNaN(away)) return '';
  const units: [Intl.RelativeTimeFormatUnit, number][] = [['year', 365 * DAY], ['month', 30 * DAY], ['week', 7 * DAY], ['day', DAY], ['hour', HOUR], ['minute', MINUTE]];
  const [unit, size] = units.find(([, each]) => Math.abs(away) >= each) ?? ['second', away + 1];
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(unit === 'second' ? 0 : Math.round(away / size), unit);
}

/** `14:05`. */
export function clockTime(moment: string, locale: string = spoken()): string {
  return format(Date.parse(moment), { hour: '2-digit', minute: '2-digit' }, locale);
}

/** For a tooltip: everything. */
export function whole(moment: string, locale: string = spoken()): string {
  return format(Date.parse(moment), { dateStyle: 'full', timeStyle: 'short' }, locale);
}

/** `12 March 2024`. */
export function date(moment: string, locale: string = spoken()): string {
  return format(Date.parse(moment), { dateStyle: 'long' }, locale);
}

/** `Today`, `Yesterday`, `Tuesday`, `12 March`, `12 March 2024`. */
export function day(moment: string, now: number, words: { today: string; yesterday: string }, locale: string = spoken()): string {
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

function format(at: number, options: Intl.DateTimeFormatOptions, locale: string): string {
  return Number.isNaN(at) ? '' : new Intl.DateTimeFormat(locale, options).format(at);
}
