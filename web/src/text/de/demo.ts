import type { Text } from '../en';

export const demo: Text['demo'] = {
  title: 'Dies ist eine Demo',
  signIn: 'Anmelden als',
  roles: { owner: 'Inhaber', admin: 'Administrator', agent: 'Bearbeiter', viewer: 'Leser', privacy: 'Datenschutzbeauftragte', auditor: 'Prüfer' },
  phone: 'Das Telefon des Kontakts daneben öffnen',
  phoneHint: 'Was Sie dort schreiben, kommt im Posteingang an, und Ihre Antwort kommt dort an.',
  sidebar: 'Telefon des Kontakts',
};
