/**
 * The words by which people name moments, in every language the app speaks. Written as they are compared: small letters
 * without accents. Two meanings for one word are told apart by what stands before it (see `when.ts`).
 */
import type { Language } from '../text/text';

export type Unit = 'minute' | 'hour' | 'day' | 'week' | 'month';
export type Part = 'morning' | 'noon' | 'afternoon' | 'evening' | 'night' | 'midnight';
export type Day = 'today' | 'tomorrow' | 'after tomorrow' | 'weekend' | 'next week';

export interface Words {
  units: Record<Unit, string[]>;
  parts: Record<Part, string[]>;
  days: Partial<Record<Day, string[]>>;
  /** From Sunday on. */
  weekdays: string[][];
  /** From January on. */
  months: string[][];
  /** One. */
  one: string[];
  half: string[];
  /** Said before or between, without changing anything. */
  fillers: string[];
  /** Words of several, put together before reading. */
  phrases: [string, string][];
  /** Written after an hour. */
  clock: string[];
}

const en: Words = {
  units: { minute: ['m', 'min', 'mins', 'minute', 'minutes'], hour: ['h', 'hr', 'hrs', 'hour', 'hours'], day: ['d', 'day', 'days'], week: ['w', 'week', 'weeks'], month: ['month', 'months'] },
  parts: { morning: ['morning'], noon: ['noon', 'midday', 'lunch'], afternoon: ['afternoon'], evening: ['evening'], night: ['night'], midnight: ['midnight'] },
  days: { today: ['today'], tomorrow: ['tomorrow', 'tmr', 'tmrw'], weekend: ['weekend'], 'next week': ['next-week'], 'after tomorrow': ['after-tomorrow'] },
  weekdays: [['sunday', 'sun'], ['monday', 'mon'], ['tuesday', 'tue', 'tues'], ['wednesday', 'wed'], ['thursday', 'thu', 'thur', 'thurs'], ['friday', 'fri'], ['saturday', 'sat']],
  months: [['january', 'jan'], ['february', 'feb'], ['march', 'mar'], ['april', 'apr'], ['may'], ['june', 'jun'], ['july', 'jul'], ['august', 'aug'], ['september', 'sep', 'sept'], ['october', 'oct'], ['november', 'nov'], ['december', 'dec']],
  one: ['a', 'an', 'one'],
  half: ['half-an-hour', 'half-hour'],
  fillers: ['in', 'at', 'on', 'the', 'this', 'next', 'of', 'by', 'till', 'until', 'coming', 'from-now'],
  phrases: [['day after tomorrow', 'after-tomorrow'], ['next week', 'next-week'], ['half an hour', 'half-an-hour'], ['half hour', 'half-hour'], ['from now', 'from-now'], ['tonight', 'today evening'], ["o'clock", 'oclock']],
  clock: ['oclock'],
};

const it: Words = {
  units: { minute: ['m', 'min', 'minuto', 'minuti'], hour: ['h', 'ora', 'ore'], day: ['g', 'gg', 'giorno', 'giorni'], week: ['settimana', 'settimane', 'sett'], month: ['mese', 'mesi'] },
  parts: { morning: ['mattina', 'mattino', 'mattinata'], noon: ['mezzogiorno', 'pranzo'], afternoon: ['pomeriggio'], evening: ['sera', 'serata'], night: ['notte'], midnight: ['mezzanotte'] },
  days: { today: ['oggi'], tomorrow: ['domani'], 'after tomorrow': ['dopodomani'], weekend: ['weekend', 'fine-settimana'], 'next week': ['settimana-prossima'] },
  weekdays: [['domenica', 'dom'], ['lunedi', 'lun'], ['martedi', 'mar'], ['mercoledi', 'mer'], ['giovedi', 'gio'], ['venerdi', 'ven'], ['sabato', 'sab']],
  months: [['gennaio', 'gen'], ['febbraio', 'feb'], ['marzo'], ['aprile', 'apr'], ['maggio', 'mag'], ['giugno', 'giu'], ['luglio', 'lug'], ['agosto', 'ago'], ['settembre', 'set'], ['ottobre', 'ott'], ['novembre', 'nov'], ['dicembre', 'dic']],
  one: ['un', 'una', "un'", 'uno'],
  half: ["mezz'ora", 'mezzora'],
  fillers: ['tra', 'fra', 'a', 'al', 'alla', 'alle', 'il', 'la', 'di', 'del', 'della', 'prossimo', 'prossima', 'questo', 'questa', 'nel', 'in', 'verso', 'le', 'per', 'ore'],
  phrases: [["un'ora", 'una ora'], ['dopo domani', 'dopodomani'], ['la prossima settimana', 'settimana-prossima'], ['settimana prossima', 'settimana-prossima'], ['prossima settimana', 'settimana-prossima'], ['fine settimana', 'fine-settimana'], ['stasera', 'oggi sera'], ['stanotte', 'oggi notte'], ['stamattina', 'oggi mattina'], ['domattina', 'domani mattina']],
  clock: [],
};

const es: Words = {
  units: { minute: ['m', 'min', 'minuto', 'minutos'], hour: ['h', 'hora', 'horas'], day: ['d', 'dia', 'dias'], week: ['semana', 'semanas'], month: ['mes', 'meses'] },
  parts: { morning: ['manana'], noon: ['mediodia'], afternoon: ['tarde'], evening: ['anochecer'], night: ['noche'], midnight: ['medianoche'] },
  days: { today: ['hoy'], tomorrow: ['manana'], 'after tomorrow': ['pasado-manana'], weekend: ['finde', 'fin-de-semana'], 'next week': ['semana-proxima'] },
  weekdays: [['domingo', 'dom'], ['lunes', 'lun'], ['martes', 'mar'], ['miercoles', 'mie'], ['jueves', 'jue'], ['viernes', 'vie'], ['sabado', 'sab']],
  months: [['enero', 'ene'], ['febrero', 'feb'], ['marzo'], ['abril', 'abr'], ['mayo', 'may'], ['junio', 'jun'], ['julio', 'jul'], ['agosto', 'ago'], ['septiembre', 'setiembre', 'sep'], ['octubre', 'oct'], ['noviembre', 'nov'], ['diciembre', 'dic']],
  one: ['un', 'una', 'uno'],
  half: ['media-hora'],
  fillers: ['en', 'dentro', 'de', 'del', 'a', 'al', 'la', 'las', 'el', 'los', 'por', 'para', 'proximo', 'proxima', 'este', 'esta', 'que', 'viene'],
  phrases: [['pasado manana', 'pasado-manana'], ['la semana que viene', 'semana-proxima'], ['semana que viene', 'semana-proxima'], ['la proxima semana', 'semana-proxima'], ['proxima semana', 'semana-proxima'], ['semana proxima', 'semana-proxima'], ['fin de semana', 'fin-de-semana'], ['media hora', 'media-hora'], ['esta noche', 'hoy noche'], ['esta tarde', 'hoy tarde']],
  clock: [],
};

const de: Words = {
  units: { minute: ['m', 'min', 'minute', 'minuten'], hour: ['h', 'std', 'stunde', 'stunden'], day: ['d', 'tag', 'tage', 'tagen'], week: ['w', 'woche', 'wochen'], month: ['monat', 'monate', 'monaten'] },
  parts: { morning: ['morgen', 'fruh', 'morgens', 'vormittag', 'vormittags'], noon: ['mittag', 'mittags'], afternoon: ['nachmittag', 'nachmittags'], evening: ['abend', 'abends'], night: ['nacht', 'nachts'], midnight: ['mitternacht'] },
  days: { today: ['heute'], tomorrow: ['morgen'], 'after tomorrow': ['ubermorgen'], weekend: ['wochenende'], 'next week': ['nachste-woche'] },
  weekdays: [['sonntag', 'so'], ['montag', 'mo'], ['dienstag', 'di'], ['mittwoch', 'mi'], ['donnerstag', 'do'], ['freitag', 'fr'], ['samstag', 'sonnabend', 'sa']],
  months: [['januar', 'janner', 'jan'], ['februar', 'feb'], ['marz', 'mrz'], ['april', 'apr'], ['mai'], ['juni', 'jun'], ['juli', 'jul'], ['august', 'aug'], ['september', 'sep'], ['oktober', 'okt'], ['november', 'nov'], ['dezember', 'dez']],
  one: ['ein', 'eine', 'einer', 'einem'],
  half: ['halbe-stunde'],
  fillers: ['in', 'um', 'am', 'an', 'den', 'der', 'dem', 'im', 'gegen', 'ab', 'bis', 'zum', 'diesen', 'nachsten', 'nachster', 'kommenden', 'kommende'],
  phrases: [['nachste woche', 'nachste-woche'], ['nachster woche', 'nachste-woche'], ['kommende woche', 'nachste-woche'], ['einer halben stunde', 'halbe-stunde'], ['halbe stunde', 'halbe-stunde'], ['halben stunde', 'halbe-stunde']],
  clock: ['uhr'],
};

export const WORDS: Record<Language, Words> = { en, it, es, de };
