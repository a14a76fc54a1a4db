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
};
