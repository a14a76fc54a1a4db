import type { More } from '../en/more';

export const terms: More['terms'] = {
  lead: 'Nichts über Menschen sollte länger bleiben, als es gebraucht wird.',
  notYet: 'Fristen lassen sich in dieser Version nicht setzen',
  notYetHint: 'Ab einer kommenden Version setzen Sie hier, wie lange Gespräche, Dateien und Kontakte bleiben, und Parloir löscht sie von selbst. Bis dahin löscht es nichts nach Alter: Was gehen soll, muss ein Mitglied löschen.',
  already: 'Was schon gilt',
  holds: {
    erase: 'Einen Kontakt zu löschen löscht alles von ihm: Nachrichten, Dateien, Notizen, den Suchindex. Die Schlüssel, die es versiegelten, werden vernichtet: Was eine alte Kopie der Daten noch enthält, ist nicht mehr lesbar.',
    channel: 'Einen Kanal zu trennen vernichtet sofort seine Geheimnisse.',
    ways: 'Einladungen enden nach sieben Tagen. Sitzungen von Besuchern enden nach dreißig.',
    seen: 'Was von einem Kontakt gespeichert ist, wo und warum, steht neben jedem Gespräch.',
  },
};

export const keyRotation: More['keyRotation'] = {
  lead: 'Alles ist mit Schlüsseln versiegelt. Sie können neuen weichen, während alles weiterläuft; die alten werden dann vernichtet.',
  what: 'Schlüssel',
  which: {
    content: ['Inhalte', 'Nachrichten, Dateien, Namen: was Menschen schrieben und wie sie heißen'],
    index: ['Suchindex', 'Wonach die Suche ihren Weg findet'],
    evidence: ['Nachweise', 'Nachweise von Einwilligungen und Löschungen'],
    audit: ['Prüfprotokoll', 'Was das Protokoll versiegelt'],
    workspace: ['Arbeitsbereich', 'Der Schlüssel, unter dem alle anderen versiegelt sind'],
    contact: ['Ein Kontakt', 'Die Schlüssel eines Menschen'],
  },
  rotate: 'Wechseln…',
  rotateOf: (name) => `Schlüssel wechseln: ${name}`,
  last: (when) => `Gewechselt ${when}`,
  states: { sealing: 'Wird neu versiegelt', checking: 'Wird geprüft', destroying: 'Alte Schlüssel werden vernichtet', done: 'Fertig' },
  history: 'Wechsel',
  none: 'Noch nichts wurde gewechselt',
  noneHint: 'Nach dem Kalender ist es nicht nötig. Tun Sie es, wenn jemand geht, der Zugang zum Server hatte, oder wenn Sie etwas vermuten.',
  started: (date, cells) => `Begonnen am ${date}; neu versiegelt: ${cells}`,
  orderTitle: (name) => `Schlüssel wechseln: ${name}?`,
  orderHint: 'Ab jetzt versiegeln neue Schlüssel, was da ist, wird im Hintergrund neu versiegelt, und dann werden die alten Schlüssel vernichtet. Alles bleibt dabei lesbar.',
  begun: 'Der Wechsel hat begonnen.',
  rootHint: 'Der Wurzelschlüssel, mit dem dieser Server gestartet wurde, wird auf der Befehlszeile gewechselt: parloir keys rotate.',
};

export const audit: More['audit'] = {
  lead: 'Jeder Zugriff auf personenbezogene Daten und jede Änderung, das Neueste zuerst. Verwahrt werden nur Kennungen, nie was gelesen oder geschrieben wurde. Auch dies zu lesen ist ein Eintrag.',
  who: 'Wer',
  act: 'Was',
  subject: 'Woran',
  when: 'Wann',
  anybody: 'Irgendwer',
  anything: 'Irgendetwas',
  subjectHint: 'Kennung von Kontakt, Gespräch, Kanal…',
  search: 'Suchen',
  none: 'Nichts passt',
  noneHint: 'Niemand hat so etwas getan, oder die Kennung schreibt sich anders.',
  older: 'Ältere Einträge zeigen',
  actors: { member: 'Ein Mitglied', channel: 'Ein Kanal', platform: 'Parloir selbst', operator: 'Der Betreiber', visitor: 'Ein Besucher' },
  purposes: {
    conversation: 'um mit Kontakten zu sprechen', receiving: 'um Nachrichten zu empfangen', delivery: 'um Nachrichten zuzustellen', indexing: 'um den Suchindex zu pflegen', erasure: 'um zu löschen',
    administration: 'um zu verwalten', audit: 'um zu prüfen',
  },
  did: (thing, deed) => `${thing}: ${deed}`,
  things: {
    attachment: 'Datei', audit: 'Prüfprotokoll', business_hours: 'Geschäftszeiten', canned_reply: 'Textbaustein', channel: 'Kanal', consent: 'Einwilligung', consents: 'Einwilligungen', contact: 'Kontakt',
    contacts: 'Kontakte', conversation: 'Gespräch', conversations: 'Gespräche', draft: 'Entwurf', drafts: 'Entwürfe', keys: 'Schlüssel', label: 'Etikett', member: 'Mitglied',
    merges: 'Zusammenführungen', message: 'Nachricht', messages: 'Nachrichten', scheduled: 'Geplante Nachricht', session: 'Sitzung', stream: 'Live-Strom', team: 'Team', template: 'Vorlage', templates: 'Vorlagen',
    token: 'Ein Token', view: 'Ansicht', workspace: 'Arbeitsbereich',
  },
  deeds: {
    read: 'gelesen', uploaded: 'hochgeladen', set: 'gesetzt', created: 'angelegt', deleted: 'gelöscht', updated: 'geändert', changed: 'geändert', connected: 'verbunden', disconnected: 'getrennt',
    secret_rotated: 'Geheimnis erneuert', given: 'erteilt', withdrawn: 'zurückgezogen', erased: 'endgültig gelöscht', merged: 'zusammengeführt', split: 'abgetrennt', listed: 'aufgelistet',
    opened: 'geöffnet', woken: 'geweckt', kept: 'aufgehoben', removed: 'entfernt', rotated: 'gewechselt', rotation_began: 'Wechsel begonnen', invited: 'eingeladen', joined: 'beigetreten',
    password_set: 'Passwort gesetzt', edited: 'bearbeitet', retried: 'erneut versucht', scheduled: 'geplant', written: 'geschrieben', searched: 'durchsucht', taken_back: 'zurückgenommen',
    closed: 'geschlossen', revoked: 'widerrufen', revoked_all: 'alle widerrufen', synced: 'beim Anbieter gelesen', profile_changed: 'Profil geändert', renamed: 'umbenannt',
  },
};
