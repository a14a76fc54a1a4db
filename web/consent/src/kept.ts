/** What this browser keeps of a choice: what was chosen, on which text, when, and a name drawn by lot that means nothing elsewhere. */
import type { Category, Way } from './wire';

/** For how long nobody is asked again. */
const MONTHS = 6;
/** How far a clock may have been wrong. */
const DAY = 86_400_000;

export interface Choice {
  granted: Category[];
  version: string;
  purposes: string;
  way: Way;
  signal: boolean;
  /** In Unix milliseconds. */
  at: number;
  visitor: string;
  /** The program has not heard of it yet. */
  untold?: boolean;
}

const name = (site: string) => `parloir.consent:${site}`;

/** What was chosen here, if it still counts for these purposes. */
export function kept(site: string, purposes: string, now: number): Choice | null {
  try {
    const choice = JSON.parse(localStorage.getItem(name(site)) ?? 'null') as Choice | null;
    if (choice && Array.isArray(choice.granted) && choice.purposes === purposes && now < ends(choice.at) && choice.at < now + DAY) return choice;
  } catch {
    // What cannot be read was never chosen.
  }
  return null;
}

/** When a choice is over: on the same day six months later. */
export function ends(at: number): number {
  const day = new Date(at);
  const month = day.getUTCMonth() + MONTHS;
  day.setUTCMonth(month);
  // There is no 31 February: the last of that month, then.
  if (day.getUTCMonth() !== month % 12) day.setUTCDate(0);
  return day.getTime();
}

export function keep(site: string, choice: Choice): void {
  try {
    localStorage.setItem(name(site), JSON.stringify(choice));
  } catch {
    // Where nothing can be kept the choice counts for this page.
  }
}

export function forget(site: string): void {
  try {
    localStorage.removeItem(name(site));
  } catch {
    // Nothing was kept.
  }
}
