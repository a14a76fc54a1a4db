import type { Text } from '../en';

export const keys: Text['keys'] = {
  title: 'Tastatur',
  next: 'Nächstes Gespräch',
  previous: 'Voriges Gespräch',
  open: 'Im offenen Gespräch schreiben',
  reply: 'Antworten',
  note: 'Notiz schreiben',
  escape: 'Schließen, was offen ist',
  details: 'Angaben zum Kontakt',
  singles: 'Tasten ohne Strg oder ⌘',
  singlesHint: 'Einzelne Buchstaben wirken sofort. Schalten Sie sie aus, wenn Sie diktieren oder wenn sie stören.',
  extendDown: 'Auch das nächste auswählen',
  extendUp: 'Auch das vorige auswählen',
  pick: 'Gespräch auswählen',
  writing: 'Beim Schreiben',
  newLine: 'Neue Zeile',
  mention: 'Mitglied erwähnen, in einer Notiz',
  leave: 'Feld verlassen',
};
