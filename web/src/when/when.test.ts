import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Language } from '../text/text';
import { offers } from './offers';
import { when } from './when';
import { WORDS } from './words';

/** A Thursday. */
const NOW = new Date(2026, 2, 12, 10, 30);
const local = (moment: Date | null) =>
  moment && `${moment.getFullYear()}-${moment.getMonth() + 1}-${moment.getDate()} ${moment.getHours()}:${String(moment.getMinutes()).padStart(2, '0')}`;

const KNOWN: Record<Language, [string, string][]> = {
  en: [
    ['tomorrow morning', '2026-3-13 9:00'], ['Tomorrow at 3pm', '2026-3-13 15:00'], ['tonight', '2026-3-12 18:00'], ['monday', '2026-3-16 9:00'], ['Thursday', '2026-3-19 9:00'], ['next week', '2026-3-16 9:00'],
    ['the day after tomorrow', '2026-3-14 9:00'], ['in 20 minutes', '2026-3-12 10:50'], ['2h', '2026-3-12 12:30'], ['half an hour', '2026-3-12 11:00'], ['in 2 weeks', '2026-3-26 10:30'], ['in 3 days at 8', '2026-3-15 8:00'],
    ['friday 14:15', '2026-3-13 14:15'], ['12am', '2026-3-13 0:00'], ['noon', '2026-3-12 12:00'], ['9', '2026-3-13 9:00'], ['11', '2026-3-12 11:00'], ['24 December', '2026-12-24 9:00'], ['May 3 at 10', '2026-5-3 10:00'],
    ['1/2', '2027-2-1 9:00'], ['2026-12-24', '2026-12-24 9:00'], ['3 in the afternoon', '2026-3-12 15:00'], ['today', '2026-3-12 18:00'], ['weekend', '2026-3-14 9:00'],
  ],
  it: [
    ['domani mattina', '2026-3-13 9:00'], ['domattina', '2026-3-13 9:00'], ['lunedì alle 15', '2026-3-16 15:00'], ['tra 2 ore', '2026-3-12 12:30'], ["fra un'ora", '2026-3-12 11:30'], ['stasera', '2026-3-12 18:00'],
    ['dopodomani', '2026-3-14 9:00'], ['la prossima settimana', '2026-3-16 9:00'], ["mezz'ora", '2026-3-12 11:00'], ['venerdì prossimo alle 9:30', '2026-3-13 9:30'], ['24 dicembre', '2026-12-24 9:00'], ['alle ore 18', '2026-3-12 18:00'],
    ['domani pomeriggio', '2026-3-13 14:00'], ['alle 3 di pomeriggio', '2026-3-12 15:00'], ['fine settimana', '2026-3-14 9:00'],
  ],
  es: [
    ['mañana', '2026-3-13 9:00'], ['mañana por la mañana', '2026-3-13 9:00'], ['mañana por la tarde', '2026-3-13 14:00'], ['el lunes a las 15', '2026-3-16 15:00'], ['en 3 días', '2026-3-15 10:30'], ['dentro de una hora', '2026-3-12 11:30'],
    ['pasado mañana', '2026-3-14 9:00'], ['la semana que viene', '2026-3-16 9:00'], ['24 de diciembre', '2026-12-24 9:00'], ['a las 9 de la noche', '2026-3-12 21:00'], ['esta noche', '2026-3-12 21:00'], ['media hora', '2026-3-12 11:00'],
    ['viernes 9:30', '2026-3-13 9:30'], ['fin de semana', '2026-3-14 9:00'],
  ],
  de: [
    ['morgen früh', '2026-3-13 9:00'], ['morgen', '2026-3-13 9:00'], ['Montag Morgen', '2026-3-16 9:00'], ['Fr 9:30', '2026-3-13 9:30'], ['in 2 Stunden', '2026-3-12 12:30'], ['übermorgen um 8 Uhr', '2026-3-14 8:00'], ['heute Abend', '2026-3-12 18:00'],
    ['nächste Woche', '2026-3-16 9:00'], ['24.12.', '2026-12-24 9:00'], ['24. Dezember 14 Uhr', '2026-12-24 14:00'], ['nächsten Montag', '2026-3-16 9:00'], ['in einer halben Stunde', '2026-3-12 11:00'], ['Mittwoch Mittag', '2026-3-18 12:00'],
    ['3. März', '2027-3-3 9:00'], ['am Wochenende', '2026-3-14 9:00'],
  ],
};

describe.each(Object.entries(KNOWN) as [Language, [string, string][]][])('%s', (language, known) => {
  test.each(known)('%s', (typed, expected) => expect(local(when(typed, NOW, language))).toBe(expected));
});

test.each(['', 'soon', 'yesterday', '25:00', '31.2.', 'tomorrow tomorrow', 'monday in 2 days', '13pm', 'at', '9 99', 'buy milk tomorrow'])('“%s” is no moment', (typed) => expect(when(typed, NOW, 'en')).toBeNull());

test('where the month is written first, it is read first', () => {
  expect(local(when('12/3', NOW, 'en'))).toBe('2026-3-12 18:00');
  expect(local(when('12/3', NOW, 'en', true))).toBe('2026-12-3 9:00');
});

test('whatever is typed whenever, nothing breaks and nothing has passed', () => {
  const languages = fc.constantFrom<Language>('en', 'it', 'es', 'de');
  const moments = fc.date({ min: new Date(2020, 0, 1), max: new Date(2040, 0, 1), noInvalidDate: true });
  const typed = languages.chain((language) => {
    const { parts, days, units, weekdays, months, fillers } = WORDS[language];
    const known = [...Object.values(parts), ...Object.values(days), ...Object.values(units), ...weekdays, ...months, fillers].flat();
    const token = fc.oneof(fc.constantFrom(...known), fc.integer({ min: 0, max: 60 }).map(String), fc.constantFrom('9:30', '24.12.', '31/1', 'pm', '2h'), fc.string({ maxLength: 6 }));
    return fc.tuple(fc.constant(language), fc.array(token, { maxLength: 5 }).map((tokens) => tokens.join(' ')));
  });
  fc.assert(
    fc.property(typed, moments, ([language, text], now) => {
      const moment = when(text, now, language);
      if (moment) expect(moment.getTime()).toBeGreaterThan(now.getTime());
    }),
    { numRuns: 2_000 },
  );
});

test('what is offered lies ahead, in order, and nothing twice', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(2020, 0, 1), max: new Date(2040, 0, 1), noInvalidDate: true }), (now) => {
      const moments = offers(now).map((offer) => offer.at.getTime());
      expect(moments.length).toBeGreaterThanOrEqual(3);
      for (const [at, moment] of moments.entries()) expect(moment).toBeGreaterThan(at === 0 ? now.getTime() : (moments[at - 1] as number));
    }),
  );
});

test('on a Thursday morning the weekend and Monday are offered, in the evening no evening', () => {
  expect(offers(NOW).map((offer) => offer.key)).toEqual(['soon', 'evening', 'tomorrow', 'tomorrowAfternoon', 'weekend', 'monday', 'week']);
  expect(offers(new Date(2026, 2, 15, 20)).map((offer) => offer.key)).toEqual(['tomorrow', 'tomorrowAfternoon', 'week']);
});
