import type { Text } from '../en';

export const keys: Text['keys'] = {
  title: 'Teclado',
  next: 'Conversación siguiente',
  previous: 'Conversación anterior',
  open: 'Escribir en la conversación abierta',
  reply: 'Responder',
  note: 'Escribir una nota',
  escape: 'Cerrar lo que está abierto',
  details: 'Datos del contacto',
  singles: 'Teclas sin Ctrl ni ⌘',
  singlesHint: 'Las letras solas actúan al momento. Desactívalas si dictas o si te estorban.',
  extendDown: 'Elegir también la siguiente',
  extendUp: 'Elegir también la anterior',
  pick: 'Elegir la conversación',
  writing: 'Mientras escribes',
  newLine: 'Línea nueva',
  mention: 'Mencionar a un miembro, en una nota',
  leave: 'Salir del campo',
};
