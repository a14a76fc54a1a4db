import type { Text } from '../en';

export const profile: Text['profile'] = {
  title: 'Profil',
  name: 'Name',
  nameHint: 'So sehen Mitglieder und Kontakte Sie.',
  nameRequired: 'Ein Name wird gebraucht.',
  emailHint: 'Damit melden Sie sich an. Ändern lässt sie sich noch nicht.',
  saved: 'Ihr Profil ist gespeichert.',
  looks: 'Aussehen und Sprache',
  language: 'Sprache',
};
