/** What a search is narrowed to, as the search's own query has it. */

export const AGES = ['any', 'day', 'week', 'month', 'year'] as const;
export type Age = (typeof AGES)[number];
export type Where = 'everywhere' | 'contact' | 'conversation';

export interface Narrow {
  where: Where;
  channel: string | null;
  label: string | null;
  age: Age;
}

export const WIDE: Narrow = { where: 'everywhere', channel: null, label: null, age: 'any' };

/** What `where` means: the conversation that is open, and whose it is. */
export interface Here {
  conversation: string | null;
  contact: string | null;
}

export function queryOf(narrow: Narrow, here: Here, now: number): Record<string, string> {
  const query: Record<string, string> = {};
  if (narrow.where === 'conversation' && here.conversation) query.conversation = here.conversation;
  if (narrow.where === 'contact' && here.contact) query.contact = here.contact;
  if (narrow.channel) query.channel = narrow.channel;
  if (narrow.label) query.label = narrow.label;
  const since = sinceOf(narrow.age, now);
  if (since !== null) query.since = new Date(since).toISOString();
  return query;
}

export function isWide(narrow: Narrow): boolean {
  return narrow.where === 'everywhere' && !narrow.channel && !narrow.label && narrow.age === 'any';
}

/** From the beginning of a day, where the member is: whoever asks for the last week means whole days. */
function sinceOf(age: Age, now: number): number | null {
  if (age === 'any') return null;
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  if (age === 'day') day.setDate(day.getDate() - 1);
  else if (age === 'week') day.setDate(day.getDate() - 7);
  else if (age === 'month') day.setMonth(day.getMonth() - 1);
  else day.setFullYear(day.getFullYear() - 1);
  return day.getTime();
}
