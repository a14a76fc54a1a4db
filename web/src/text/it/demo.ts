import type { Text } from '../en';

export const demo: Text['demo'] = {
  title: 'Questa è una demo',
  signIn: 'Entra come',
  roles: { owner: 'Titolare', admin: 'Amministratore', agent: 'Operatore', viewer: 'Lettore', privacy: 'Responsabile privacy', auditor: 'Revisore' },
  phone: 'Apri accanto il telefono del contatto',
  phoneHint: 'Quello che scrivi lì arriva nella posta, e la tua risposta arriva lì.',
  sidebar: 'Telefono del contatto',
};
