import type { Text } from '../en';

export const push: Text['push'] = {
  title: 'Notificaciones',
  lead: 'Cuando algo te concierne con Parloir cerrado, este navegador puede avisarte. El aviso dice que hay algo, nunca quién ni qué.',
  turnOn: 'Activar en este navegador',
  turnOff: 'Desactivar',
  turnedOn: 'Las notificaciones están activadas.',
  turnedOff: 'Las notificaciones están desactivadas.',
  failed: 'El servicio push del navegador no respondió. Inténtalo más tarde.',
  somethingNew: 'Hay algo nuevo para ti',
  open: 'Abre Parloir para verlo.',
  states: {
    unsupported: 'Este navegador no puede mostrar notificaciones. En un iPhone o iPad, añade primero Parloir a la pantalla de inicio.',
    insecure: 'Los navegadores solo permiten notificaciones por https.',
    absent: 'Este servidor no envía notificaciones.',
    denied: 'Este navegador bloquea las notificaciones de Parloir. Permítelas en los ajustes del navegador para este sitio y vuelve.',
    off: 'Desactivadas en este navegador.',
    on: 'Activadas en este navegador.',
  },
  unassigned: 'También lo que nadie ha tomado',
  unassignedHint: 'Si no, se te avisa de tus conversaciones, de las notas que te nombran y, si gestionas los canales, de uno que se detiene.',
};
