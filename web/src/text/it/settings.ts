import type { Text } from '../en';

export const settings: Text['settings'] = {
  title: 'Impostazioni',
  back: 'Torna alla posta',
  groups: {
    member: 'Tu',
    workspace: 'Area di lavoro',
    work: 'Lavoro',
    connections: 'Collegamenti',
    data: 'Protezione dei dati',
  },
  pages: {
    security: 'Accesso e sessioni',
    tokens: 'Token API',
    workspace: 'Generali',
    members: 'Membri',
    teams: 'Gruppi',
    hours: 'Orari di apertura',
    labels: 'Etichette',
    canned: 'Risposte pronte',
    views: 'Viste salvate',
    webhooks: 'Webhook',
    sites: 'Siti e cookie',
    retention: 'Conservazione', requests: 'Richieste sulla privacy',
    keys: 'Chiavi',
    audit: 'Registro di audit',
  },
  unknown: 'Questa pagina non esiste',
  unknownHint: 'Forse è riservata ad altri, o l’indirizzo è sbagliato.',
};
