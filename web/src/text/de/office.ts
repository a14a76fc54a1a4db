import type { More } from '../en/more';

export const office: More['office'] = {
  name: 'Name',
  nameRequired: 'Ein Name wird gebraucht.',
  edit: 'Bearbeiten…',
  rename: 'Umbenennen…',
  remove: 'Löschen',
  editTitle: (name) => `${name} bearbeiten`,
  renameTitle: (name) => `${name} umbenennen`,
  removeTitle: (name) => `${name} löschen?`,
  saved: (name) => `${name} ist gespeichert.`,
  removed: (name) => `${name} ist gelöscht.`,
  actionsOf: (name) => `Was mit ${name} möglich ist`,
  once: 'Es wird nur dieses eine Mal gezeigt. Wer es hat, kann es benutzen.',
  absent: 'Nicht in dieser Version',
  absentHint: 'Dieser Server hat das noch nicht. Es kommt mit einer Aktualisierung.',
  forbidden: 'Das ist für andere',
  forbiddenHint: 'Ihre Rolle umfasst das nicht. Inhaber und Administratoren können Rollen unter Mitglieder ändern.',
  failed: 'Das konnte nicht geladen werden',
};
