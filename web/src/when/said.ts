/** Moments ahead, in few words: `15:00`, `tomorrow 9:00`, `Mon 9:00`, `24 Dec`. */
import { locale } from '../text/intl';
import { daysOn, midnight } from './when';

export function moment(text: string | Date, now: number): string {
  const at = text instanceof Date ? text : new Date(text);
  if (Number.isNaN(at.getTime())) return '';
  const today = midnight(new Date(now));
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale(), options).format(at);
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  if (at < daysOn(today, 1)) return format(time);
  if (at < daysOn(today, 7)) return format({ weekday: 'short', ...time });
  if (at.getFullYear() === today.getFullYear()) return format({ day: 'numeric', month: 'short', ...time });
  return format({ day: 'numeric', month: 'short', year: 'numeric' });
}

/** Everything, for a list to choose from: `Monday, 16 March, 09:00`. */
export function fully(at: Date): string {
  return new Intl.DateTimeFormat(locale(), { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }).format(at);
}

/** Whether people there write the month before the day. */
export function monthFirst(): boolean {
  const parts = new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'numeric' }).formatToParts(new Date(2026, 0, 31));
  return parts.findIndex((part) => part.type === 'month') < parts.findIndex((part) => part.type === 'day');
}
