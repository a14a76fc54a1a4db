import type { More } from '../en/more';

export const office: More['office'] = {
  name: 'Nome',
  nameRequired: 'Serve un nome.',
  edit: 'Modifica…',
  rename: 'Rinomina…',
  remove: 'Elimina',
  editTitle: (name) => `Modifica ${name}`,
  renameTitle: (name) => `Rinomina ${name}`,
  removeTitle: (name) => `Eliminare ${name}?`,
  saved: (name) => `${name} è salvato.`,
  removed: (name) => `${name} è eliminato.`,
  actionsOf: (name) => `Che cosa si può fare con ${name}`,
  once: 'Si vede solo questa volta. Chiunque lo abbia può usarlo.',
  absent: 'Non in questa versione',
  absentHint: 'Questo server non lo ha ancora. Arriverà con un aggiornamento.',
  forbidden: 'È riservato ad altri',
  forbiddenHint: 'Il tuo ruolo non lo comprende. Titolari e amministratori possono cambiare i ruoli in Membri.',
  failed: 'Non è stato possibile caricarlo',
};
