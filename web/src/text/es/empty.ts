import type { Text } from '../en';

export const empty: Text['empty'] = {
  open: ['Todo está respondido', 'Las conversaciones nuevas aparecen aquí por sí solas.'],
  mine: ['Nada te espera', 'Aquí aparecen las conversaciones asignadas a ti.'],
  unassigned: ['Nada sin asignar', 'Aquí aparece una conversación que nadie ha tomado.'],
  all: ['Aún no hay conversaciones', 'El primer mensaje en cualquier canal abre una.'],
  resolved: ['Aún no hay nada resuelto', 'Pulsa e en una conversación para resolverla.'],
  none: 'Aún no hay conversaciones',
  demo: 'Haz de contacto: abre el teléfono simulado, escribe algo y míralo llegar aquí.',
  demoLink: 'Abrir el teléfono',
  noChannel: 'Conecta un primer canal; quien escriba en él aparece aquí.',
  noChannelLink: 'Conectar un canal',
  waiting: 'Tus canales están conectados. El primer mensaje abre una conversación.',
  thread: 'Ninguna conversación abierta',
  threadHint: 'Elige una de la lista, o muévete con el teclado.',
  noMessages: 'Aquí aún no se ha dicho nada.',
  mentions: ['Nadie te ha mencionado', 'Aquí aparece una nota con @ y tu nombre.'],
  snoozed: ['Nada está pospuesto', 'Pulsa s en una conversación para verla más tarde.'],
};
