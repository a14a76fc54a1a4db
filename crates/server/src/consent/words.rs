//! What the banner and the policy on cookies say, in the four languages there are. The choices' labels are nobody's to change:
//! they are as long as each other, and none flatters.

/// Everything that is said in one language.
pub(super) struct Words {
    pub language: &'static str,
    /// As the banner names them.
    pub banner: &'static [(&'static str, &'static str)],
    /// Name and meaning of each category, in their order.
    pub categories: [(&'static str, &'static str); 5],
    pub own: Own,
    pub duration: Duration,
    pub policy: Policy,
}

/// What the program keeps in browsers itself.
pub(super) struct Own {
    pub choice: &'static str,
    pub choice_lasts: &'static str,
    pub visit: &'static str,
}

/// How long something lasts.
pub(super) struct Duration {
    pub session: &'static str,
    pub day: &'static str,
    /// After the number.
    pub days: &'static str,
}

/// The page with the policy.
pub(super) struct Policy {
    pub title: &'static str,
    pub lead: &'static str,
    pub change: &'static str,
    pub signal: &'static str,
    pub name: &'static str,
    pub version: &'static str,
    pub languages: &'static str,
}

/// A language's words; English where there is none of that name.
pub(super) fn words(language: &str) -> &'static Words {
    ALL.into_iter().find(|words| words.language == language).unwrap_or(&EN)
}

/// All languages.
pub(super) const ALL: [&Words; 4] = [&EN, &IT, &ES, &DE];

static EN: Words = Words {
    language: "en",
    banner: &[
        ("title", "Your choice about cookies"),
        (
            "text",
            "We keep what this website needs to work. Everything else we use only if you agree: you can accept it, reject it, or choose. You can change your mind at any time.",
        ),
        ("accept", "Accept all"),
        ("reject", "Reject all"),
        ("preferences", "Preferences"),
        ("save", "Save choices"),
        ("close", "Close and reject"),
        ("back", "Close"),
        ("signal", "Your browser sends Global Privacy Control. We take it as a no to marketing and profiling."),
        ("again", "Cookie choices"),
        ("policy", "Cookie policy"),
        ("privacy", "Privacy notice"),
        ("provider", "Provider"),
        ("purpose", "Purpose"),
        ("duration", "Duration"),
        ("cookies", "What is stored"),
    ],
    categories: [
        ("Necessary", "Without these the website does not work. They are always on."),
        ("Functional", "They remember what you set, and bring content from elsewhere."),
        ("Analytics", "They count visits, so that the website can be improved."),
        ("Marketing", "They show advertising and measure whether it works."),
        ("Profiling", "They form a picture of your interests, to choose content and advertising by it."),
    ],
    own: Own {
        choice: "Remembers what you chose here.",
        choice_lasts: "6 months",
        visit: "Counts you once a day. Tomorrow it is another number, and nobody can tell that it was you.",
    },
    duration: Duration { session: "Until you close the browser", day: "1 day", days: "days" },
    policy: Policy {
        title: "Cookie policy",
        lead: "This is everything that our websites keep in your browser, who sets it, what for and for how long. The page is made from what is set in fact.",
        change: "Only what is necessary is kept without asking. You can change your choice at any time with the button “Cookie choices” on the website; taking consent back is as easy as giving it. After six months you are asked again.",
        signal: "If your browser sends Global Privacy Control, marketing and profiling stay off.",
        name: "Name",
        version: "Version of the text",
        languages: "Languages",
    },
};

static IT: Words = Words {
    language: "it",
    banner: &[
        ("title", "La tua scelta sui cookie"),
        (
            "text",
            "Conserviamo ciò che serve al funzionamento del sito. Tutto il resto lo usiamo solo se sei d’accordo: puoi accettarlo, rifiutarlo o scegliere. Puoi cambiare idea in qualsiasi momento.",
        ),
        ("accept", "Accetta tutto"),
        ("reject", "Rifiuta tutto"),
        ("preferences", "Preferenze"),
        ("save", "Salva le scelte"),
        ("close", "Chiudi e rifiuta"),
        ("back", "Chiudi"),
        ("signal", "Il tuo browser invia Global Privacy Control. Lo consideriamo un no a marketing e profilazione."),
        ("again", "Scelte sui cookie"),
        ("policy", "Informativa sui cookie"),
        ("privacy", "Informativa sulla privacy"),
        ("provider", "Fornitore"),
        ("purpose", "Finalità"),
        ("duration", "Durata"),
        ("cookies", "Cosa viene conservato"),
    ],
    categories: [
        ("Necessari", "Senza questi il sito non funziona. Sono sempre attivi."),
        ("Funzionali", "Ricordano ciò che hai impostato e portano contenuti da altri siti."),
        ("Statistici", "Contano le visite, per migliorare il sito."),
        ("Marketing", "Mostrano pubblicità e misurano se funziona."),
        ("Profilazione", "Ricostruiscono i tuoi interessi, per scegliere contenuti e pubblicità."),
    ],
    own: Own {
        choice: "Ricorda la scelta che hai fatto qui.",
        choice_lasts: "6 mesi",
        visit: "Ti conta una volta al giorno. Domani è un altro numero, e nessuno può sapere che eri tu.",
    },
    duration: Duration { session: "Fino alla chiusura del browser", day: "1 giorno", days: "giorni" },
    policy: Policy {
        title: "Informativa sui cookie",
        lead: "Questo è tutto ciò che i nostri siti conservano nel tuo browser, chi lo imposta, perché e per quanto tempo. La pagina nasce da ciò che viene davvero impostato.",
        change: "Solo ciò che è necessario viene conservato senza chiedere. Puoi cambiare la tua scelta in qualsiasi momento con il pulsante «Scelte sui cookie» sul sito; revocare il consenso è facile come darlo. Dopo sei mesi te lo chiediamo di nuovo.",
        signal: "Se il tuo browser invia Global Privacy Control, marketing e profilazione restano disattivati.",
        name: "Nome",
        version: "Versione del testo",
        languages: "Lingue",
    },
};

static ES: Words = Words {
    language: "es",
    banner: &[
        ("title", "Tu elección sobre las cookies"),
        (
            "text",
            "Guardamos lo que este sitio necesita para funcionar. Todo lo demás lo usamos solo si estás de acuerdo: puedes aceptarlo, rechazarlo o elegir. Puedes cambiar de opinión en cualquier momento.",
        ),
        ("accept", "Aceptar todo"),
        ("reject", "Rechazar todo"),
        ("preferences", "Preferencias"),
        ("save", "Guardar elección"),
        ("close", "Cerrar y rechazar"),
        ("back", "Cerrar"),
        ("signal", "Tu navegador envía Global Privacy Control. Lo tomamos como un no al marketing y a los perfiles."),
        ("again", "Elegir cookies"),
        ("policy", "Política de cookies"),
        ("privacy", "Aviso de privacidad"),
        ("provider", "Proveedor"),
        ("purpose", "Finalidad"),
        ("duration", "Duración"),
        ("cookies", "Qué se guarda"),
    ],
    categories: [
        ("Necesarias", "Sin ellas el sitio no funciona. Siempre están activas."),
        ("Funcionales", "Recuerdan lo que has configurado y traen contenido de otros sitios."),
        ("Analíticas", "Cuentan las visitas para mejorar el sitio."),
        ("Marketing", "Muestran publicidad y miden si funciona."),
        ("Perfiles", "Se forman una idea de tus intereses para elegir contenido y publicidad."),
    ],
    own: Own {
        choice: "Recuerda lo que has elegido aquí.",
        choice_lasts: "6 meses",
        visit: "Te cuenta una vez al día. Mañana es otro número, y nadie puede saber que eras tú.",
    },
    duration: Duration { session: "Hasta cerrar el navegador", day: "1 día", days: "días" },
    policy: Policy {
        title: "Política de cookies",
        lead: "Esto es todo lo que nuestros sitios guardan en tu navegador, quién lo pone, para qué y durante cuánto tiempo. La página se hace a partir de lo que se guarda de verdad.",
        change: "Solo se guarda sin preguntar lo que es necesario. Puedes cambiar tu elección en cualquier momento con el botón «Elegir cookies» del sitio; retirar el consentimiento es tan fácil como darlo. Pasados seis meses volvemos a preguntar.",
        signal: "Si tu navegador envía Global Privacy Control, el marketing y los perfiles quedan desactivados.",
        name: "Nombre",
        version: "Versión del texto",
        languages: "Idiomas",
    },
};

static DE: Words = Words {
    language: "de",
    banner: &[
        ("title", "Ihre Wahl zu Cookies"),
        (
            "text",
            "Wir speichern, was diese Website zum Funktionieren braucht. Alles andere verwenden wir nur, wenn Sie einverstanden sind: Sie können es annehmen, ablehnen oder auswählen. Sie können Ihre Meinung jederzeit ändern.",
        ),
        ("accept", "Alle annehmen"),
        ("reject", "Alle ablehnen"),
        ("preferences", "Einstellungen"),
        ("save", "Auswahl speichern"),
        ("close", "Schließen und ablehnen"),
        ("back", "Schließen"),
        (
            "signal",
            "Ihr Browser sendet Global Privacy Control. Wir verstehen das als Nein zu Marketing und Profilbildung.",
        ),
        ("again", "Cookie-Auswahl"),
        ("policy", "Cookie-Richtlinie"),
        ("privacy", "Datenschutzhinweise"),
        ("provider", "Anbieter"),
        ("purpose", "Zweck"),
        ("duration", "Dauer"),
        ("cookies", "Was gespeichert wird"),
    ],
    categories: [
        ("Notwendig", "Ohne diese funktioniert die Website nicht. Sie sind immer an."),
        ("Funktional", "Sie merken sich, was Sie einstellen, und bringen Inhalte von anderswo."),
        ("Statistik", "Sie zählen Besuche, damit die Website besser werden kann."),
        ("Marketing", "Sie zeigen Werbung und messen, ob sie wirkt."),
        ("Profilbildung", "Sie machen sich ein Bild Ihrer Interessen, um danach Inhalte und Werbung auszuwählen."),
    ],
    own: Own {
        choice: "Merkt sich, was Sie hier gewählt haben.",
        choice_lasts: "6 Monate",
        visit: "Zählt Sie einmal am Tag. Morgen ist es eine andere Nummer, und niemand kann sagen, dass Sie es waren.",
    },
    duration: Duration { session: "Bis Sie den Browser schließen", day: "1 Tag", days: "Tage" },
    policy: Policy {
        title: "Cookie-Richtlinie",
        lead: "Das ist alles, was unsere Websites in Ihrem Browser speichern, wer es setzt, wozu und wie lange. Die Seite entsteht aus dem, was tatsächlich gesetzt wird.",
        change: "Nur Notwendiges wird ungefragt gespeichert. Sie können Ihre Wahl jederzeit mit dem Knopf „Cookie-Auswahl“ auf der Website ändern; eine Einwilligung zu widerrufen ist so einfach, wie sie zu geben. Nach sechs Monaten fragen wir wieder.",
        signal: "Sendet Ihr Browser Global Privacy Control, bleiben Marketing und Profilbildung aus.",
        name: "Name",
        version: "Fassung des Textes",
        languages: "Sprachen",
    },
};
