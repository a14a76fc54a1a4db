/** How much of the time for an answer is left. */

const DAY_MS = 24 * 3_600_000;
/** From so many days on it is said in warning. */
const SOON = 7;

export type Urgency = 'calm' | 'soon' | 'over';

/** Whole days until a moment (RFC 3339), the last one counted; below zero once it is over. */
export function daysLeft(due: string, now: number): number {
  return Math.ceil((Date.parse(due) - now) / DAY_MS);
}

export function urgency(due: string, now: number): Urgency {
  if (Date.parse(due) <= now) return 'over';
  return daysLeft(due, now) <= SOON ? 'soon' : 'calm';
}
