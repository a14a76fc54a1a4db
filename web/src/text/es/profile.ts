import type { Text } from '../en';

export const profile: Text['profile'] = {
  title: 'Perfil',
  name: 'Nombre',
  nameHint: 'Cómo te ven los miembros y los contactos.',
  nameRequired: 'Hace falta un nombre.',
  emailHint: 'Con él inicias sesión. Puede cambiarlo un propietario.',
  saved: 'Tu perfil está guardado.',
  looks: 'Aspecto e idioma',
  language: 'Idioma',
};
