/**
 * Moments as people type them: `tomorrow morning`, `lunedì alle 15`, `en 3 días`, `Fr 9:30`, `24.12.`, `2h`. Pure: now is
 * always given. What comes out lies in the future, or nothing comes out.
 */
import type { Language } from '../text/text';
import { WORDS, type Day, type Part, type Unit, type Words } from './words';

const HOURS: Record<Part, number> = { morning: 9, noon: 12, afternoon: 14, evening: 18, night: 21, midnight: 24 };
/** When a day is named without an hour. */
const DAY_BEGINS = 9;
const LONGEST = 80;
const MOST_YEARS = 1;

/** What has been understood so far. */
interface Read {
  now: Date;
  /** Midnight of the day that was named. */
  day: Date | null;
  hour: number | null;
  minute: number;
  /** Whether the hour came with its part of the day, or is one of 24. */
  part: Part | null;
  after: { unit: Unit; count: number } | null;
}

/** The moment that was typed; null when it cannot be understood or has passed. `monthFirst`: 3/12 is the twelfth of March. */
export function when(typed: string, now: Date, language: Language, monthFirst = false): Date | null {
  const words = WORDS[language];
  const tokens = tokensOf(typed, words);
  if (tokens.length === 0 || typed.length > LONGEST) return null;
  const read: Read = { now, day: null, hour: null, minute: 0, part: null, after: null };
  for (let at = 0; at < tokens.length; ) {
    const used = take(read, tokens, at, words, monthFirst);
    if (used === 0) return null;
    at += used;
  }
  const moment = together(read);
  if (!moment || moment <= now || moment.getTime() > yearsOn(now, MOST_YEARS).getTime()) return null;
  return moment;
}

function tokensOf(typed: string, words: Words): string[] {
  let text = plain(typed).replace(/,/g, ' ');
  for (const [from, to] of words.phrases) text = text.replace(new RegExp(`(?<![\\p{L}])${from}(?![\\p{L}])`, 'gu'), to);
  // A number and its unit may be written as one: 20min, 9am.
  return text.replace(/(\d)(\p{L}+)/gu, '$1 $2').split(/\s+/).filter(Boolean);
}

/** Small letters without accents. */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[’‘]/g, "'").toLowerCase().trim();
}

/** Reads what starts at a token; answers how many it took. */
function take(read: Read, tokens: string[], at: number, words: Words, monthFirst: boolean): number {
  const token = tokens[at] as string;
  const count = /^\d{1,3}$/.test(token) ? Number(token) : words.one.includes(token) ? 1 : null;
  if (count !== null) {
    const used = counted(read, count, tokens[at + 1], tokens[at + 2], words);
    if (used > 0) return used;
  }
  if (words.half.includes(token)) return relative(read, 'minute', 30) ? 1 : 0;
  return (
    clock(read, token, tokens[at + 1], words) || numeric(read, token, monthFirst) || worded(read, token, tokens[at - 1], tokens[at + 1], words)
  );
}

/** `3 days`, `12 March`, `9 Uhr`, `9 pm`. */
function counted(read: Read, count: number, next: string | undefined, third: string | undefined, words: Words): number {
  if (next === undefined) return 0;
  const unit = (Object.keys(words.units) as Unit[]).find((one) => words.units[one].includes(next));
  if (unit) return relative(read, unit, count) ? 2 : 0;
  const linked = next === 'de' || next === 'of' ? third : next;
  const month = monthOf(linked, words);
  if (month !== null) return date(read, count, month, null) ? (linked === next ? 2 : 3) : 0;
  return 0;
}

function relative(read: Read, unit: Unit, count: number): boolean {
  if (read.after || read.day) return false;
  read.after = { unit, count };
  return true;
}

/** `9`, `9:30`, `9.30`, `21h`, `9 am`; with what is written after an hour. */
function clock(read: Read, token: string, next: string | undefined, words: Words): number {
  const match = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(token);
  if (!match || read.hour !== null) return 0;
  let hour = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  const half = next === 'am' || next === 'pm' ? next : null;
  if (half && (hour < 1 || hour > 12)) return 0;
  if (half) hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  if (hour > 23 || minute > 59) return 0;
  read.hour = hour;
  read.minute = minute;
  return half || (next !== undefined && words.clock.includes(next)) ? 2 : 1;
}

/** `24.12.`, `24.12.2026`, `24/12`, `2026-12-24`. */
function numeric(read: Read, token: string, monthFirst: boolean): number {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(token);
  if (iso) return date(read, Number(iso[3]), Number(iso[2]) - 1, Number(iso[1])) ? 1 : 0;
  const match = /^(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2})?)?$/.exec(token);
  if (!match) return 0;
  const swapped = monthFirst && match[2] === '/';
  const [one, other] = [Number(match[1]), Number(match[3])];
  const year = match[4] ? Number(match[4]) + (match[4].length === 2 ? 2000 : 0) : null;
  return date(read, swapped ? other : one, (swapped ? one : other) - 1, year) ? 1 : 0;
}

function date(read: Read, day: number, month: number, year: number | null): boolean {
  if (read.day || read.after) return false;
  const { now } = read;
  const found = new Date(year ?? now.getFullYear(), month, day);
  if (found.getMonth() !== month || found.getDate() !== day) return false;
  // Without its year, a date is the next one of its name.
  if (year === null && found < midnight(now)) found.setFullYear(found.getFullYear() + 1);
  read.day = found;
  return true;
}

function worded(read: Read, token: string, before: string | undefined, next: string | undefined, words: Words): number {
  // As Germans write it: `24. Dezember`.
  const dotted = /^(\d{1,2})\.$/.exec(token);
  if (dotted) {
    const month = monthOf(next, words);
    return month !== null && date(read, Number(dotted[1]), month, null) ? 2 : 0;
  }
  const month = monthOf(token, words);
  if (month !== null && next && /^\d{1,2}$/.test(next) && date(read, Number(next), month, null)) return 2;
  // One word for tomorrow and for the morning: after an article, or once a day is known, it is the morning.
  const part = meaning(words.parts, token);
  const day = meaning(words.days, token);
  if (part && (!day || read.day || before === 'la')) return partOfDay(read, part) ? 1 : 0;
  if (day) return named(read, day) ? 1 : 0;
  const weekday = weekdayOf(token, words);
  if (weekday !== null) return onWeekday(read, weekday) ? 1 : 0;
  return words.fillers.includes(token) ? 1 : 0;
}

function partOfDay(read: Read, part: Part): boolean {
  if (read.part) return false;
  read.part = part;
  return true;
}

function named(read: Read, day: Day): boolean {
  if (read.day || read.after) return false;
  const today = midnight(read.now);
  if (day === 'weekend') return onWeekday(read, 6);
  if (day === 'next week') return onWeekday(read, 1);
  read.day = daysOn(today, day === 'today' ? 0 : day === 'tomorrow' ? 1 : 2);
  return true;
}

/** The next day of that name; today's own name means a week from now. */
function onWeekday(read: Read, weekday: number): boolean {
  if (read.day || read.after) return false;
  const today = midnight(read.now);
  read.day = daysOn(today, ((weekday - today.getDay() + 6) % 7) + 1);
  return true;
}

function together(read: Read): Date | null {
  const { now } = read;
  if (read.after) {
    const moment = later(now, read.after);
    const hour = hourOf(read);
    return hour === null || read.after.unit === 'minute' || read.after.unit === 'hour' ? (hour === null ? moment : null) : at(midnight(moment), hour, read.minute);
  }
  const hour = hourOf(read);
  if (read.day) {
    const moment = at(read.day, hour ?? DAY_BEGINS, read.minute);
    // Just `today`, when the morning is over: later today.
    return hour === null && moment <= now && sameDate(read.day, now) ? at(now, Math.max(18, now.getHours() + 1), 0) : moment;
  }
  if (hour === null) return null;
  const moment = at(midnight(now), hour, read.minute);
  return moment > now ? moment : at(daysOn(midnight(now), 1), hour, read.minute);
}

/** Of an hour and a part of the day: `3 in the afternoon` is 15. */
function hourOf({ hour, part }: Read): number | null {
  if (hour === null) return part ? HOURS[part] : null;
  const afternoon = part === 'afternoon' || part === 'evening' || part === 'night';
  return afternoon && hour < 12 ? hour + 12 : hour;
}

function later(now: Date, { unit, count }: { unit: Unit; count: number }): Date {
  switch (unit) {
    case 'minute': return new Date(now.getTime() + count * 60_000);
    case 'hour': return new Date(now.getTime() + count * 3_600_000);
    // Days keep the hour of the clock, also over the nights in which it is changed.
    case 'day': return daysOn(now, count);
    case 'week': return daysOn(now, count * 7);
    case 'month': return new Date(now.getFullYear(), now.getMonth() + count, now.getDate(), now.getHours(), now.getMinutes());
  }
}

function meaning<K extends string>(lists: Partial<Record<K, string[]>>, token: string): K | null {
  return (Object.keys(lists) as K[]).find((key) => lists[key]?.includes(token)) ?? null;
}

function weekdayOf(token: string, words: Words): number | null {
  const bare = token.replace(/\.$/, '');
  const at = words.weekdays.findIndex((names) => names.includes(bare));
  return at < 0 ? null : at;
}

function monthOf(token: string | undefined, words: Words): number | null {
  const at = words.months.findIndex((names) => token !== undefined && names.includes(token.replace(/\.$/, '')));
  return at < 0 ? null : at;
}

export function midnight(moment: Date): Date {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
}

export function daysOn(moment: Date, days: number): Date {
  const to = new Date(moment);
  to.setDate(to.getDate() + days);
  return to;
}

export function at(day: Date, hour: number, minute = 0): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour, minute);
}

function yearsOn(moment: Date, years: number): Date {
  const to = new Date(moment);
  to.setFullYear(to.getFullYear() + years);
  return to;
}

function sameDate(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}
