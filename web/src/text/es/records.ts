import type { More } from '../en/more';

export const terms: More['terms'] = {
  lead: 'Nada sobre las personas debería quedarse más tiempo del necesario.',
  notYet: 'En esta versión no se pueden fijar plazos',
  notYetHint: 'A partir de una próxima versión se fija aquí cuánto tiempo se quedan conversaciones, archivos y contactos, y Parloir los elimina por sí mismo. Hasta entonces no elimina nada por antigüedad: lo que deba irse tiene que borrarlo un miembro.',
  already: 'Qué vale ya',
  holds: {
    erase: 'Borrar un contacto borra todo lo suyo: mensajes, archivos, notas, el índice de búsqueda. Las claves que lo sellaban se destruyen: lo que una copia antigua de los datos aún contenga no se puede leer.',
    channel: 'Desconectar un canal destruye sus secretos al momento.',
    ways: 'Las invitaciones terminan a los siete días. Las sesiones de visitantes, a los treinta.',
    seen: 'Qué se guarda de un contacto, dónde y por qué se ve junto a cada conversación.',
  },
};

export const keyRotation: More['keyRotation'] = {
  lead: 'Todo está sellado con claves. Pueden ceder el paso a otras nuevas mientras todo sigue; las antiguas se destruyen después.',
  what: 'Claves',
  which: {
    content: ['Contenido', 'Mensajes, archivos, nombres: lo que las personas escribieron y cómo se llaman'],
    index: ['Índice de búsqueda', 'Con lo que se orienta la búsqueda'],
    evidence: ['Pruebas', 'Las pruebas de consentimientos y borrados'],
    audit: ['Registro de auditoría', 'Lo que sella el registro'],
    workspace: ['Espacio de trabajo', 'La clave bajo la que se sellan todas las demás'],
    contact: ['Un contacto', 'Las claves de una persona'],
  },
  rotate: 'Rotar…',
  rotateOf: (name) => `Rotar las claves: ${name}`,
  last: (when) => `Rotadas ${when}`,
  states: { sealing: 'Sellando de nuevo', checking: 'Comprobando', destroying: 'Destruyendo las claves antiguas', done: 'Hecho' },
  history: 'Rotaciones',
  none: 'Aún no se ha rotado nada',
  noneHint: 'No hace falta hacerlo por calendario. Hazlo cuando se vaya alguien que tenía acceso al servidor, o si sospechas algo.',
  started: (date, cells) => `Empezada el ${date}; sellados de nuevo: ${cells}`,
  orderTitle: (name) => `¿Rotar las claves: ${name}?`,
  orderHint: 'Desde ahora sellan claves nuevas, lo que hay se sella de nuevo en segundo plano y luego se destruyen las antiguas. Mientras tanto todo sigue siendo legible.',
  begun: 'La rotación ha empezado.',
  rootHint: 'La clave raíz, con la que se inició este servidor, se rota en la línea de órdenes: parloir keys rotate.',
};

export const audit: More['audit'] = {
  lead: 'Cada acceso a datos personales y cada cambio, el más reciente primero. Solo se guardan identificadores, nunca lo que se leyó o escribió. Leer esto también es una entrada.',
  who: 'Quién',
  act: 'Qué',
  subject: 'Sobre qué',
  when: 'Cuándo',
  anybody: 'Cualquiera',
  anything: 'Cualquier cosa',
  subjectHint: 'Identificador de un contacto, conversación, canal…',
  search: 'Buscar',
  none: 'Nada coincide',
  noneHint: 'Nadie hizo algo así, o el identificador se escribe de otro modo.',
  older: 'Mostrar entradas anteriores',
  actors: { member: 'Un miembro', channel: 'Un canal', platform: 'El propio Parloir', operator: 'El operador', visitor: 'Un visitante' },
  purposes: {
    conversation: 'para hablar con contactos', receiving: 'para recibir mensajes', delivery: 'para entregar mensajes', indexing: 'para cuidar el índice de búsqueda', erasure: 'para borrar',
    administration: 'para administrar', audit: 'para auditar',
  },
  did: (thing, deed) => `${thing}: ${deed}`,
  things: {
    attachment: 'Archivo', audit: 'Registro de auditoría', business_hours: 'Horario de atención', canned_reply: 'Respuesta guardada', channel: 'Canal', consent: 'Consentimiento', consents: 'Consentimientos',
    contact: 'Contacto', contacts: 'Contactos', conversation: 'Conversación', conversations: 'Conversaciones', draft: 'Borrador', drafts: 'Borradores', keys: 'Claves', label: 'Etiqueta',
    member: 'Miembro', merges: 'Uniones', message: 'Mensaje', messages: 'Mensajes', scheduled: 'Mensaje programado', session: 'Sesión', stream: 'Flujo en directo', team: 'Equipo',
    template: 'Plantilla', templates: 'Plantillas', token: 'Un token', view: 'Vista', workspace: 'Espacio de trabajo',
  },
  deeds: {
    read: 'lectura', uploaded: 'subida', set: 'fijado', created: 'creación', deleted: 'eliminación', updated: 'cambio', changed: 'cambio', connected: 'conexión', disconnected: 'desconexión',
    secret_rotated: 'secreto renovado', given: 'concesión', withdrawn: 'retirada', erased: 'borrado', merged: 'unión', split: 'separación', listed: 'listado', opened: 'apertura', woken: 'despertar',
    kept: 'guardado', removed: 'retirada', rotated: 'rotación', rotation_began: 'comienzo de rotación', invited: 'invitación', joined: 'incorporación', password_set: 'contraseña fijada',
    edited: 'corrección', retried: 'nuevo intento', scheduled: 'programación', written: 'escritura', searched: 'búsqueda', taken_back: 'recuperación', closed: 'cierre', revoked: 'revocación',
    revoked_all: 'revocación de todas', synced: 'lectura del proveedor', profile_changed: 'cambio de perfil', renamed: 'cambio de nombre',
  },
};
