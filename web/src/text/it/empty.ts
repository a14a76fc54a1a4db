import type { Text } from '../en';

export const empty: Text['empty'] = {
  open: ['Tutto ha una risposta', 'Le nuove conversazioni appaiono qui da sole.'],
  mine: ['Nulla ti aspetta', 'Qui appaiono le conversazioni assegnate a te.'],
  unassigned: ['Nulla da assegnare', 'Qui appare una conversazione che nessuno ha preso.'],
  all: ['Ancora nessuna conversazione', 'Il primo messaggio su un canale ne apre una.'],
  resolved: ['Ancora nulla di risolto', 'Premi e in una conversazione per risolverla.'],
  none: 'Ancora nessuna conversazione',
  demo: 'Fai la parte di un contatto: apri il telefono simulato, scrivi qualcosa e guardalo arrivare qui.',
  demoLink: 'Apri il telefono',
  noChannel: 'Collega un primo canale; chi vi scrive appare qui.',
  noChannelLink: 'Collega un canale',
  waiting: 'I tuoi canali sono collegati. Il primo messaggio apre una conversazione.',
  thread: 'Nessuna conversazione aperta',
  threadHint: 'Scegline una dall’elenco, o spostati con la tastiera.',
  noMessages: 'Qui non è ancora stato detto nulla.',
  mentions: ['Nessuno ti ha menzionato', 'Qui compare una nota con @ e il tuo nome.'],
  snoozed: ['Nulla è rimandato', 'Premi s in una conversazione per rivederla più tardi.'],
};
