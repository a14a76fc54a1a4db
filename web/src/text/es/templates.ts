import type { Text } from '../en';

export const templates: Text['templates'] = {
  search: 'Buscar plantillas…',
  none: 'Aún no hay plantillas',
  noneHint: 'Aquí aparecen las plantillas aprobadas del canal.',
  others: 'Otras plantillas',
  preview: 'Cómo se leerá',
  variable: (name: string) => `Campo ${name}`,
  header: 'Encabezado',
  button: (label: string) => `Valor para el botón «${label}»`,
  file: 'Elegir el archivo',
  marketing: 'Publicidad: solo llega a contactos que han aceptado.',
  categories: { marketing: 'Publicidad', utility: 'Servicio', authentication: 'Autenticación' },
};
