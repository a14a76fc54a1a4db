import type { Text } from '../en';

export const templates: Text['templates'] = {
  search: 'Cerca modelli…',
  none: 'Ancora nessun modello',
  noneHint: 'Qui compaiono i modelli approvati del canale.',
  others: 'Altri modelli',
  preview: 'Come apparirà',
  variable: (name: string) => `Variabile ${name}`,
  header: 'Intestazione',
  button: (label: string) => `Valore per il pulsante «${label}»`,
  file: 'Scegli il file',
  marketing: 'Pubblicità: parte solo per i contatti che hanno acconsentito.',
  categories: { marketing: 'Pubblicità', utility: 'Servizio', authentication: 'Autenticazione' },
};
