import type { More } from '../en/more';

export const office: More['office'] = {
  name: 'Nombre',
  nameRequired: 'Hace falta un nombre.',
  edit: 'Editar…',
  rename: 'Cambiar el nombre…',
  remove: 'Eliminar',
  editTitle: (name) => `Editar ${name}`,
  renameTitle: (name) => `Cambiar el nombre de ${name}`,
  removeTitle: (name) => `¿Eliminar ${name}?`,
  saved: (name) => `${name}: guardado.`,
  removed: (name) => `${name}: eliminado.`,
  actionsOf: (name) => `Qué se puede hacer con ${name}`,
  once: 'Se muestra solo esta vez. Quien lo tenga puede usarlo.',
  absent: 'No está en esta versión',
  absentHint: 'Este servidor aún no lo tiene. Llegará con una actualización.',
  forbidden: 'Esto es para otros',
  forbiddenHint: 'Tu función no lo incluye. Los propietarios y administradores pueden cambiar las funciones en Miembros.',
  failed: 'No se ha podido cargar',
};
