import type { Text } from '../en';

export const problems: Text['problems'] = {
  unknown: (status) => `Der Server hat mit ${status} geantwortet.`,
  kinds: {
    malformed: 'Die Anfrage konnte nicht gelesen werden.',
    unauthorised: 'Melden Sie sich erneut an.',
    forbidden: 'Das dürfen Sie nicht.',
    csrf: 'Laden Sie die Seite neu.',
    not_found: 'Das gibt es nicht, oder Sie dürfen es nicht sehen.',
    conflict: 'Es hat sich inzwischen geändert. Sehen Sie noch einmal nach.',
    already_exists: 'Das gibt es schon.',
    window_closed: 'Das Fenster des Kanals für freie Nachrichten ist geschlossen.',
    held_elsewhere: 'Eine andere App hat dieses Gespräch gerade. Antworten Sie dort, oder lassen Sie es sich übergeben.',
    card_number: 'Das enthält eine vollständige Kartennummer oder eine Prüfziffer, die der Anbieter dieses Kanals verbietet. Nehmen Sie sie heraus: Die letzten vier Ziffern dürfen bleiben, für das Übrige gibt es einen Zahlungslink.',
    provider_refused: 'Der Anbieter nimmt es nicht an.',
    no_consent: 'Dafür fehlt die Einwilligung.',
    restricted: 'Der Kontakt hat die Nutzung seiner Daten eingeschränkt.',
    on_hold: 'Eine Aufbewahrungspflicht verbietet das.',
    channel_off: 'Der Kanal ist nicht verbunden.',
    not_supported: 'Dieser Kanal kann das nicht.',
    gone: 'Es war hier und ist nicht mehr da.',
    too_large: 'Das ist zu groß.',
    invalid: 'Etwas stimmt hier nicht. Sehen Sie sich die markierten Felder an.',
    too_many: 'Zu oft in zu kurzer Zeit. Warten Sie ein wenig.',
    internal: 'Auf dem Server ist etwas schiefgegangen.',
    unavailable: 'Das geht gerade nicht. Versuchen Sie es gleich noch einmal.',
  },
};
