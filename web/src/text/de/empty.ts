import type { Text } from '../en';

export const empty: Text['empty'] = {
  open: ['Alles ist beantwortet', 'Neue Gespräche erscheinen hier von selbst.'],
  mine: ['Nichts wartet auf Sie', 'Ihnen zugewiesene Gespräche erscheinen hier.'],
  unassigned: ['Alles ist zugewiesen', 'Ein Gespräch, das niemand übernommen hat, erscheint hier.'],
  all: ['Noch kein Gespräch', 'Die erste Nachricht auf einem Kanal beginnt eines.'],
  resolved: ['Noch nichts erledigt', 'Drücken Sie in einem Gespräch e, um es zu erledigen.'],
  none: 'Noch kein Gespräch',
  demo: 'Spielen Sie einen Kontakt: Öffnen Sie das simulierte Telefon, schreiben Sie etwas, und sehen Sie es hier ankommen.',
  demoLink: 'Telefon öffnen',
  noChannel: 'Verbinden Sie einen ersten Kanal; wer dorthin schreibt, erscheint hier.',
  noChannelLink: 'Kanal verbinden',
  waiting: 'Ihre Kanäle sind verbunden. Die erste Nachricht beginnt ein Gespräch.',
  thread: 'Kein Gespräch geöffnet',
  threadHint: 'Wählen Sie eines aus der Liste, oder bewegen Sie sich mit der Tastatur.',
  noMessages: 'Hier wurde noch nichts gesagt.',
  mentions: ['Niemand hat Sie erwähnt', 'Eine Notiz mit @ und Ihrem Namen erscheint hier.'],
  snoozed: ['Nichts ist zurückgestellt', 'Mit s kommt ein Gespräch später wieder.'],
};
