import type { Text } from '../en';
import { count } from './count';

export const palette: Text['palette'] = {
  title: 'Comandos',
  placeholder: '¿Qué quieres hacer?',
  choose: 'Elige uno…',
  found: (n) => count(n, '# comando', '# comandos'),
  now: 'actual',
  groups: {
    conversation: 'Conversación',
    message: 'Mensaje',
    contact: 'Contacto',
    list: 'Lista',
    go: 'Ir a',
    settings: 'Ajustes',
    app: 'Aplicación',
  },
  goTo: (name) => `Ir a ${name}`,
  theme: 'Tema',
  themeWords: 'modo oscuro, modo claro, apariencia',
  language: 'Idioma',
  narrow: 'Reducir la barra lateral',
  widen: 'Ampliar la barra lateral',
  clearFilter: 'Quitar el filtro',
  actWords: { merge: 'misma persona, duplicado, unir', export: 'exportar, descargar, solicitud de acceso', erase: 'eliminar, olvidar, RGPD' },
};
