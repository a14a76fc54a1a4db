/** A week of opening hours as it is edited: checked, copied from day to day, and compared. Times are `HH:MM`; `24:00` is the end of a day. */

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];
/** From, to. */
export type Span = [string, string];
export type Week = Record<Day, Span[]>;

/** As many as the server takes in a day. */
export const MOST = 8;

export type SpanWrong = 'time' | 'order' | 'overlap';

/** Every day there, spans in order; what is no span is left out. */
export function weekOf(told: Partial<Record<Day, readonly (readonly string[])[]>>): Week {
  const spans = (day: Day): Span[] => (told[day] ?? []).flatMap(([from, to]) => (from && to ? [[from, to] as Span] : []));
  return Object.fromEntries(DAYS.map((day) => [day, inOrder(spans(day))])) as Week;
}

/** Minutes since midnight; null for what is no time. */
export function minutes(time: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(time);
  if (!found) return null;
  const all = Number(found[1]) * 60 + Number(found[2]);
  return Number(found[2]) < 60 && all <= 24 * 60 ? all : null;
}

/** What is wrong with each span of a day, if anything. Midnight as an end is the end of the day. */
export function wrongIn(spans: readonly Span[]): (SpanWrong | null)[] {
  const read = spans.map(([from, to]) => [minutes(from), endOf(to)] as const);
  return read.map(([from, to], at) => {
    if (from === null || to === null || from >= 24 * 60) return 'time';
    if (from >= to) return 'order';
    const meets = read.some(([begin, end], other) => other !== at && begin !== null && end !== null && begin < end && begin < to && from < end);
    return meets ? 'overlap' : null;
  });
}

/** Fields of time have no 24:00; what ends at midnight ends with the day. */
function endOf(time: string): number | null {
  return minutes(time === '00:00' ? '24:00' : time);
}

/** As the server takes it: in order, midnight as 24:00, days without spans left out. */
export function toSend(week: Week): Partial<Record<Day, string[][]>> {
  const days = DAYS.filter((day) => week[day].length > 0);
  return Object.fromEntries(days.map((day) => [day, inOrder(week[day]).map(([from, to]) => [from, to === '00:00' ? '24:00' : to])]));
}

export function sound(week: Week): boolean {
  return DAYS.every((day) => wrongIn(week[day]).every((wrong) => wrong === null));
}

/** The hours of one day on others as well. */
export function copied(week: Week, from: Day, to: readonly Day[]): Week {
  const next = { ...week };
  for (const day of to) next[day] = week[from].map(([begin, end]) => [begin, end]);
  return next;
}

/** One more span for a day: an ordinary day's, or the afternoon behind the last. Null where no room is left. */
export function another(spans: readonly Span[]): Span | null {
  if (spans.length >= MOST) return null;
  const last = Math.max(0, ...spans.map(([, to]) => endOf(to) ?? 0));
  if (spans.length === 0) return ['09:00', '18:00'];
  const from = Math.min(last + 60, 23 * 60);
  return last >= 23 * 60 ? null : [clock(from), clock(Math.min(from + 4 * 60, 24 * 60 - 1))];
}

function clock(all: number): string {
  return `${String(Math.floor(all / 60)).padStart(2, '0')}:${String(all % 60).padStart(2, '0')}`;
}

function inOrder(spans: readonly Span[]): Span[] {
  return [...spans].sort(([one], [other]) => (minutes(one) ?? 0) - (minutes(other) ?? 0));
}
