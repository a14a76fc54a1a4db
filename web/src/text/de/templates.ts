import type { Text } from '../en';

export const templates: Text['templates'] = {
  search: 'Vorlagen suchen …',
  none: 'Noch keine Vorlage',
  noneHint: 'Hier erscheinen die genehmigten Vorlagen des Kanals.',
  others: 'Andere Vorlagen',
  preview: 'So wird sie aussehen',
  variable: (name: string) => `Platzhalter ${name}`,
  header: 'Kopfzeile',
  button: (label: string) => `Wert für den Knopf „${label}“`,
  file: 'Datei wählen',
  marketing: 'Werbung: geht nur an Kontakte, die zugestimmt haben.',
  categories: { marketing: 'Werbung', utility: 'Dienst', authentication: 'Anmeldung' },
};
