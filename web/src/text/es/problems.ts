import type { Text } from '../en';

export const problems: Text['problems'] = {
  unknown: (status) => `El servidor respondió ${status}.`,
  kinds: {
    malformed: 'No se pudo leer la petición.',
    unauthorised: 'Inicia sesión de nuevo.',
    forbidden: 'No tienes permiso para hacerlo.',
    csrf: 'Vuelve a cargar la página.',
    not_found: 'No está, o no tienes permiso para verlo.',
    conflict: 'Ha cambiado mientras tanto. Mira de nuevo.',
    already_exists: 'Ya existe.',
    window_closed: 'La ventana del canal para mensajes libres se ha cerrado.',
    held_elsewhere: 'Otra aplicación tiene ahora esta conversación. Responde allí, o haz que te la pasen.',
    card_number: 'Esto lleva un número de tarjeta completo o un código de seguridad, que el proveedor de este canal prohíbe. Quítalo: las cuatro últimas cifras pueden quedarse, para lo demás hay un enlace de pago.',
    provider_refused: 'El proveedor no lo acepta.',
    no_consent: 'Falta el consentimiento.',
    restricted: 'El contacto ha limitado el uso de sus datos.',
    on_hold: 'Una retención legal lo prohíbe.',
    channel_off: 'El canal no está conectado.',
    not_supported: 'Este canal no puede hacer eso.',
    gone: 'Estaba aquí y ya no está.',
    too_large: 'Es demasiado grande.',
    invalid: 'Algo no está bien. Mira los campos marcados.',
    too_many: 'Demasiadas veces en poco tiempo. Espera un poco.',
    internal: 'Algo ha fallado en el servidor.',
    unavailable: 'No es posible en este momento. Inténtalo dentro de un momento.',
  },
};
