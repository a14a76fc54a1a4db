import type { Text } from '../en';

export const settings: Text['settings'] = {
  title: 'Ajustes',
  back: 'Volver a la bandeja',
  groups: {
    member: 'Tú',
    workspace: 'Espacio de trabajo',
    work: 'Trabajo',
    connections: 'Conexiones',
    data: 'Protección de datos',
  },
  pages: {
    security: 'Acceso y sesiones',
    tokens: 'Tokens de la API',
    workspace: 'General',
    members: 'Miembros',
    teams: 'Equipos',
    hours: 'Horario de atención',
    labels: 'Etiquetas',
    canned: 'Respuestas guardadas',
    views: 'Vistas guardadas',
    webhooks: 'Webhooks',
    sites: 'Sitios y cookies',
    retention: 'Conservación', requests: 'Solicitudes de privacidad',
    keys: 'Claves',
    audit: 'Registro de auditoría',
  },
  unknown: 'Esta página no existe',
  unknownHint: 'Puede que sea para otras personas, o que la dirección esté mal.',
};
