import type { Text } from '../en';

export const push: Text['push'] = {
  title: 'Notifiche',
  lead: 'Quando qualcosa ti riguarda mentre Parloir è chiuso, questo browser può avvisarti. L’avviso dice che c’è qualcosa, mai chi o che cosa.',
  turnOn: 'Attiva in questo browser',
  turnOff: 'Disattiva',
  turnedOn: 'Le notifiche sono attive.',
  turnedOff: 'Le notifiche sono disattivate.',
  failed: 'Il servizio push del browser non ha risposto. Riprova più tardi.',
  somethingNew: 'C’è qualcosa di nuovo per te',
  open: 'Apri Parloir per vederlo.',
  states: {
    unsupported: 'Questo browser non può mostrare notifiche. Su iPhone o iPad aggiungi prima Parloir alla schermata Home.',
    insecure: 'I browser permettono le notifiche solo su https.',
    absent: 'Questo server non invia notifiche.',
    denied: 'Questo browser blocca le notifiche di Parloir. Consentile nelle impostazioni del browser per questo sito, poi torna qui.',
    off: 'Disattivate in questo browser.',
    on: 'Attive in questo browser.',
  },
  unassigned: 'Anche ciò che nessuno ha preso',
  unassignedHint: 'Altrimenti ricevi avvisi sulle tue conversazioni, sulle note che ti nominano e, se gestisci i canali, su un canale che si ferma.',
};
