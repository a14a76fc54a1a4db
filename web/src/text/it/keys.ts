import type { Text } from '../en';

export const keys: Text['keys'] = {
  title: 'Tastiera',
  next: 'Conversazione successiva',
  previous: 'Conversazione precedente',
  open: 'Scrivi nella conversazione aperta',
  reply: 'Rispondi',
  note: 'Scrivi una nota',
  escape: 'Chiudi ciò che è aperto',
  details: 'Dettagli del contatto',
  singles: 'Tasti senza Ctrl o ⌘',
  singlesHint: 'Le singole lettere agiscono subito. Disattivale se detti a voce o se danno fastidio.',
  extendDown: 'Scegli anche la successiva',
  extendUp: 'Scegli anche la precedente',
  pick: 'Scegli la conversazione',
  writing: 'Mentre scrivi',
  newLine: 'A capo',
  mention: 'Menziona un membro, in una nota',
  leave: 'Esci dal campo',
};
