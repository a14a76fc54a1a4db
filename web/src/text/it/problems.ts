import type { Text } from '../en';

export const problems: Text['problems'] = {
  unknown: (status) => `Il server ha risposto ${status}.`,
  kinds: {
    malformed: 'Non è stato possibile leggere la richiesta.',
    unauthorised: 'Accedi di nuovo.',
    forbidden: 'Non hai il permesso di farlo.',
    csrf: 'Ricarica la pagina.',
    not_found: 'Non c’è, o non hai il permesso di vederlo.',
    conflict: 'Nel frattempo è cambiato. Guarda di nuovo.',
    already_exists: 'Esiste già.',
    window_closed: 'La finestra del canale per i messaggi liberi è chiusa.',
    held_elsewhere: 'Ora un’altra app ha questa conversazione. Rispondi lì, o fattela passare.',
    card_number: 'Qui c’è un numero di carta completo o un codice di sicurezza, che il fornitore di questo canale vieta. Toglilo: le ultime quattro cifre possono restare, per il resto c’è un link di pagamento.',
    provider_refused: 'Il fornitore non lo accetta.',
    no_consent: 'Manca il consenso.',
    restricted: 'Il contatto ha limitato l’uso dei suoi dati.',
    on_hold: 'Un obbligo di conservazione lo vieta.',
    channel_off: 'Il canale non è collegato.',
    not_supported: 'Questo canale non può farlo.',
    gone: 'C’era e non c’è più.',
    too_large: 'È troppo grande.',
    invalid: 'Qualcosa non va. Guarda i campi segnati.',
    too_many: 'Troppe volte in poco tempo. Aspetta un po’.',
    internal: 'Qualcosa è andato storto sul server.',
    unavailable: 'Al momento non è possibile. Riprova tra poco.',
  },
};
