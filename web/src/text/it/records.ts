import type { More } from '../en/more';

export const terms: More['terms'] = {
  lead: 'Nulla che riguardi le persone dovrebbe restare più di quanto serve.',
  notYet: 'In questa versione i termini non si possono fissare',
  notYetHint: 'Da una prossima versione si fissa qui quanto restano conversazioni, file e contatti, e Parloir li elimina da sé. Fino ad allora non elimina nulla per età: ciò che deve sparire lo deve cancellare un membro.',
  already: 'Che cosa vale già',
  holds: {
    erase: 'Cancellare un contatto cancella tutto ciò che lo riguarda: messaggi, file, note, indice di ricerca. Le chiavi che lo sigillavano vengono distrutte: ciò che una vecchia copia dei dati contiene ancora non si può leggere.',
    channel: 'Scollegare un canale distrugge subito i suoi segreti.',
    ways: 'Gli inviti scadono dopo sette giorni. Le sessioni dei visitatori dopo trenta.',
    seen: 'Che cosa è conservato di un contatto, dove e perché, si legge accanto a ogni conversazione.',
  },
};

export const keyRotation: More['keyRotation'] = {
  lead: 'Tutto è sigillato con chiavi. Possono cedere il posto a chiavi nuove mentre tutto continua; le vecchie vengono poi distrutte.',
  what: 'Chiavi',
  which: {
    content: ['Contenuti', 'Messaggi, file, nomi: ciò che le persone hanno scritto e come si chiamano'],
    index: ['Indice di ricerca', 'Ciò con cui la ricerca si orienta'],
    evidence: ['Prove', 'Le prove di consensi e cancellazioni'],
    audit: ['Registro di audit', 'Ciò che sigilla il registro'],
    workspace: ['Area di lavoro', 'La chiave sotto cui sono sigillate tutte le altre'],
    contact: ['Un contatto', 'Le chiavi di una persona'],
  },
  rotate: 'Ruota…',
  rotateOf: (name) => `Ruota le chiavi: ${name}`,
  last: (when) => `Ruotate ${when}`,
  states: { sealing: 'Nuovo sigillo in corso', checking: 'Verifica', destroying: 'Distruzione delle vecchie chiavi', done: 'Fatto' },
  history: 'Rotazioni',
  none: 'Finora nessuna rotazione',
  noneHint: 'Non serve farlo a scadenza. Fallo quando va via qualcuno che aveva accesso al server, o se sospetti qualcosa.',
  started: (date, cells) => `Cominciata il ${date}; sigillati di nuovo: ${cells}`,
  orderTitle: (name) => `Ruotare le chiavi: ${name}?`,
  orderHint: 'Da ora sigillano chiavi nuove, ciò che c’è viene sigillato di nuovo in sottofondo, poi le vecchie chiavi vengono distrutte. Nel frattempo tutto resta leggibile.',
  begun: 'La rotazione è cominciata.',
  rootHint: 'La chiave radice, con cui è stato avviato questo server, si ruota dalla riga di comando: parloir keys rotate.',
};

export const audit: More['audit'] = {
  lead: 'Ogni accesso a dati personali e ogni modifica, dal più recente. Si conservano solo identificativi, mai ciò che è stato letto o scritto. Anche questa lettura è una voce.',
  who: 'Chi',
  act: 'Che cosa',
  subject: 'Su che cosa',
  when: 'Quando',
  anybody: 'Chiunque',
  anything: 'Qualunque cosa',
  subjectHint: 'Identificativo di contatto, conversazione, canale…',
  search: 'Cerca',
  none: 'Nulla corrisponde',
  noneHint: 'Nessuno ha fatto una cosa simile, o l’identificativo è scritto altrimenti.',
  older: 'Mostra le voci precedenti',
  actors: { member: 'Un membro', channel: 'Un canale', platform: 'Parloir stesso', operator: 'Il gestore', visitor: 'Un visitatore' },
  purposes: {
    conversation: 'per parlare con i contatti', receiving: 'per ricevere messaggi', delivery: 'per consegnare messaggi', indexing: 'per curare l’indice di ricerca', erasure: 'per cancellare',
    administration: 'per amministrare', audit: 'per verificare',
  },
  did: (thing, deed) => `${thing}: ${deed}`,
  things: {
    attachment: 'Il file', audit: 'Il registro di audit', business_hours: 'Orari di apertura', canned_reply: 'Risposta pronta', channel: 'Canale', consent: 'Consenso', consents: 'Consensi', contact: 'Contatto',
    contacts: 'Contatti', conversation: 'Conversazione', conversations: 'Conversazioni', draft: 'Bozza', drafts: 'Bozze', keys: 'Chiavi', label: 'Etichetta', member: 'Membro', merges: 'Unioni',
    message: 'Messaggio', messages: 'Messaggi', scheduled: 'Messaggio programmato', session: 'Sessione', stream: 'Flusso in diretta', team: 'Gruppo', template: 'Modello', templates: 'Modelli', token: 'Un token',
    view: 'Vista', workspace: 'Area di lavoro',
  },
  deeds: {
    read: 'lettura', uploaded: 'caricamento', set: 'impostazione', created: 'creazione', deleted: 'eliminazione', updated: 'modifica', changed: 'modifica', connected: 'collegamento',
    disconnected: 'scollegamento', secret_rotated: 'segreto rinnovato', given: 'concessione', withdrawn: 'ritiro', erased: 'cancellazione', merged: 'unione', split: 'separazione', listed: 'elenco',
    opened: 'apertura', woken: 'risveglio', kept: 'conservazione', removed: 'rimozione', rotated: 'rotazione', rotation_began: 'inizio della rotazione', invited: 'invito', joined: 'ingresso',
    password_set: 'password impostata', edited: 'correzione', retried: 'nuovo tentativo', scheduled: 'programmazione', written: 'scrittura', searched: 'ricerca', taken_back: 'ripresa',
    closed: 'chiusura', revoked: 'revoca', revoked_all: 'revoca di tutte', synced: 'lettura dal fornitore', profile_changed: 'modifica del profilo', renamed: 'nuovo nome',
  },
};
