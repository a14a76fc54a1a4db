// Every word the chat says, by language.
import { de } from './de';
import { en } from './en';
import { es } from './es';
import { it } from './it';

export interface Words {
  title: string;
  welcome: string;
  messages: string;
  write: string;
  send: string;
  attach: string;
  removeFile: (name: string) => string;
  tooLarge: (name: string, megabytes: number) => string;
  tooLong: (limit: number) => string;
  close: string;
  menu: string;
  privacy: string;
  forget: string;
  forgetSure: string;
  yesForget: string;
  cancel: string;
  typing: string;
  sending: string;
  sent: string;
  read: string;
  failed: string;
  retry: string;
  remove: string;
  edited: string;
  removed: string;
  newMessages: string;
  you: string;
  team: string;
  today: string;
  yesterday: string;
  catchingUp: string;
  offline: string;
  away: string;
  back: (when: string) => string;
  name: string;
  email: string;
  optional: string;
  emailWrong: string;
  fillIn: string;
  tick: string;
  start: string;
  working: string;
  notStarted: string;
  insecure: string;
  ageAsk: (years: number) => string;
  ageYes: string;
  ageNo: string;
  ageSorry: (years: number) => string;
  download: (name: string) => string;
  fetching: string;
  fileFailed: string;
  place: string;
  opensElsewhere: string;
  dropHere: string;
}

export const LANGUAGES: Record<string, Words> = { en, it, es, de };

export const wordsOf = (locale: string): Words => LANGUAGES[locale.slice(0, 2).toLowerCase()] ?? en;
