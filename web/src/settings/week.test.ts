import fc from 'fast-check';
import { expect, test } from 'vitest';
import { another, copied, DAYS, MOST, minutes, sound, toSend, weekOf, wrongIn, type Span } from './week';

test.each<[Span[], ReturnType<typeof wrongIn>]>([
  [[['09:00', '18:00']], [null]],
  [[['09:00', '13:00'], ['13:00', '18:00']], [null, null]],
  [[['14:00', '18:00'], ['09:00', '13:00']], [null, null]],
  [[['09:00', '13:01'], ['13:00', '18:00']], ['overlap', 'overlap']],
  [[['09:00', '09:00']], ['order']],
  [[['18:00', '09:00'], ['09:00', '10:00']], ['order', null]],
  [[['20:00', '00:00']], [null]],
  [[['20:00', '24:00']], [null]],
  [[['00:00', '00:00']], [null]],
  [[['', '10:00']], ['time']],
  [[['24:00', '24:00']], ['time']],
  [[['09:60', '10:00']], ['time']],
])('%j', (spans, wrong) => {
  expect(wrongIn(spans)).toEqual(wrong);
});

test('what is sent is in order, without closed days, and knows the end of the day', () => {
  const week = weekOf({ mon: [['14:00', '18:00'], ['09:00', '13:00']], fri: [['20:00', '00:00']], sun: [] });
  expect(toSend(week)).toEqual({ mon: [['09:00', '13:00'], ['14:00', '18:00']], fri: [['20:00', '24:00']] });
});

test('a copied day is a copy', () => {
  const week = copied(weekOf({ mon: [['09:00', '18:00']] }), 'mon', ['tue', 'wed']);
  week.tue[0]![0] = '10:00';
  expect([week.mon, week.tue, week.wed, week.thu]).toEqual([[['09:00', '18:00']], [['10:00', '18:00']], [['09:00', '18:00']], []]);
});

test('however often one more is asked for, the day stays sound and within its bounds', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 23 * 60 }), fc.integer({ min: 1, max: 600 }), (from, long) => {
    const time = (at: number) => `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
    const spans: Span[] = [[time(from), time(Math.min(from + long, 24 * 60 - 1))]];
    for (let next = another(spans); next; next = another(spans)) spans.push(next);
    expect(spans.length).toBeLessThanOrEqual(MOST);
    expect(wrongIn(spans).every((wrong) => wrong === null)).toBe(true);
  }));
});

test('a week that is read and sent again is the same', () => {
  const told = { mon: [['08:30', '12:00'], ['13:00', '24:00']], sat: [['00:00', '24:00']] };
  expect(toSend(weekOf(told))).toEqual(told);
  expect(sound(weekOf(told))).toBe(true);
  expect(DAYS.length).toBe(7);
  expect(minutes('24:01')).toBeNull();
});
