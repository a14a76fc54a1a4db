import type { Text } from '../en';

export const profile: Text['profile'] = {
  title: 'Perfil',
  name: 'Nombre',
  nameHint: 'Cómo te ven los miembros y los contactos.',
  nameRequired: 'Hace falta un nombre.',
  emailHint: 'Es la dirección con la que entras. Por ahora no se puede cambiar.',
  saved: 'Tu perfil está guardado.',
  looks: 'Aspecto e idioma',
  language: 'Idioma',
};
