import type { Text } from '../en';

export const settings: Text['settings'] = {
  title: 'Einstellungen',
  back: 'Zurück zum Posteingang',
  groups: {
    member: 'Sie',
    workspace: 'Arbeitsbereich',
    work: 'Arbeit',
    connections: 'Verbindungen',
    data: 'Datenschutz',
  },
  pages: {
    security: 'Anmeldung und Sitzungen',
    tokens: 'API-Tokens',
    workspace: 'Allgemein',
    members: 'Mitglieder',
    teams: 'Teams',
    hours: 'Geschäftszeiten',
    labels: 'Etiketten',
    canned: 'Textbausteine',
    views: 'Gespeicherte Ansichten',
    webhooks: 'Webhooks',
    sites: 'Websites und Cookies',
    retention: 'Aufbewahrung', requests: 'Datenschutzanfragen',
    keys: 'Schlüssel',
    audit: 'Prüfprotokoll',
  },
  unknown: 'Diese Seite gibt es nicht',
  unknownHint: 'Vielleicht ist sie anderen vorbehalten, oder die Adresse ist falsch.',
};
