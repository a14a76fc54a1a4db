import type { Text } from '../en';
import { count } from './count';

export const palette: Text['palette'] = {
  title: 'Befehle',
  placeholder: 'Was möchten Sie tun?',
  choose: 'Auswählen…',
  found: (n) => count(n, '# Befehl', '# Befehle'),
  now: 'aktuell',
  groups: {
    conversation: 'Gespräch',
    message: 'Nachricht',
    contact: 'Kontakt',
    list: 'Liste',
    go: 'Gehe zu',
    settings: 'Einstellungen',
    app: 'App',
  },
  goTo: (name) => `Gehe zu ${name}`,
  theme: 'Farbschema',
  themeWords: 'Dunkelmodus, Hellmodus, Aussehen',
  language: 'Sprache',
  narrow: 'Seitenleiste verkleinern',
  widen: 'Seitenleiste vergrößern',
  clearFilter: 'Filter aufheben',
  actWords: { merge: 'dieselbe Person, doppelt, verbinden', export: 'exportieren, herunterladen, Auskunft', erase: 'vergessen, entfernen, DSGVO' },
};
