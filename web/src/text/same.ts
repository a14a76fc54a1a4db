/** What another language says as English does, and rightly so. Whatever else is the same word for word has been forgotten. */
import type { Language } from './text';

export const SAME: Record<Exclude<Language, 'en'>, readonly string[]> = {
  it: ['App', 'Menu', 'Password', 'E-mail'],
  es: ['Auditor', 'General', 'Normal', 'Webhooks'],
  de: ['Administrator', 'App', 'Code', 'Name', 'Normal', 'System', 'Team', 'Teams', 'Webhooks'],
};
