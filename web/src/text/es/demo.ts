import type { Text } from '../en';

export const demo: Text['demo'] = {
  title: 'Esto es una demostración',
  signIn: 'Entra como',
  roles: { owner: 'Propietario', admin: 'Administrador', agent: 'Agente', viewer: 'Lector', privacy: 'Responsable de privacidad', auditor: 'Auditor' },
  phone: 'Abre al lado el teléfono del contacto',
  phoneHint: 'Lo que escribas allí llega a la bandeja, y tu respuesta llega allí.',
  sidebar: 'Teléfono del contacto',
};
