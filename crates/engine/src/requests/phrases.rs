//! The phrases: parts apart by ` ~ `, of each part one alternative; words without accents, and `*` for any ending. None is so short that
//! it is said of anything else.

use vault::requests::Kind;

pub(super) const RULES: &[(Kind, &str)] = &[
    // English.
    (
        Kind::Erasure,
        "delete|erase|remove|wipe|destroy ~ my data|my personal data|my information|my personal information|my personal details|\
         everything you have on me|everything you have about me|everything you know about me|data about me|data you have on me|\
         data you hold on me|data you have about me|data you hold about me",
    ),
    (
        Kind::Erasure,
        "my data|my personal data|my personal information|my personal details ~ be deleted|be erased|be removed|deleted|erased ~ please|\
         immediately|at once|completely|permanently|from your systems|from your system|from your database|under gdpr|under the gdpr",
    ),
    (Kind::Erasure, "want|like|have|get|need|request|demand ~ my data|my personal data ~ deleted|erased|wiped"),
    (
        Kind::Erasure,
        "right to be forgotten|right to erasure|data deletion request|gdpr deletion|gdpr erasure|erasure request",
    ),
    (Kind::Erasure, "erasure of|deletion of ~ my data|my personal data|my personal information"),
    (
        Kind::Access,
        "subject access request|data access request|gdpr access request|right of access|what data you have about me|what data you hold on me",
    ),
    (
        Kind::Access,
        "copy of ~ my data|my personal data|data you have about me|data you hold about me|data you hold on me|data about me",
    ),
    (
        Kind::Access,
        "what data|which data|what personal data|which personal data|what information|what personal information ~ you have|you hold|you \
         store|you keep|you collect|do you have|do you hold|do you store|have you ~ about me|on me",
    ),
    (Kind::Portability, "data portability"),
    (Kind::Portability, "my data|my personal data ~ machine readable|portable format"),
    (Kind::Portability, "transfer|port ~ my data|my personal data ~ another provider|another company|another service"),
    (Kind::Rectification, "right to rectification|right of rectification"),
    (Kind::Rectification, "correct|rectify ~ my data|my personal data|my personal details|my personal information"),
    (Kind::Restriction, "restrict ~ processing|use ~ my data|my personal data"),
    (Kind::Restriction, "restriction of processing|restriction of the processing|right to restriction"),
    (Kind::Objection, "object to ~ processing|use|using|profiling|direct marketing"),
    (Kind::Objection, "stop processing|stop using ~ my data|my personal data"),
    (Kind::Objection, "right to object"),
    (Kind::Withdrawal, "withdraw|revoke|take back|withdrawing|revoking ~ my consent|consent"),
    (Kind::HumanReview, "human intervention|human review"),
    (Kind::HumanReview, "automated decision|automatic decision ~ review*|contest*|challenge*|by a human|by a person"),
    (Kind::HumanReview, "review*|contest|challenge ~ automated decision|automatic decision"),
    // German.
    (
        Kind::Erasure,
        "loschen|loeschen|losche|loesche|losch|loesch|loscht|vernichten|vernichtet ~ meine daten|meine personenbezogenen daten|\
         meine personlichen daten|meine gespeicherten daten|samtliche daten von mir|alle daten von mir|alle daten uber mich|\
         alle daten ueber mich|alles uber mich",
    ),
    (
        Kind::Erasure,
        "meine daten|meine personenbezogenen daten|meine personlichen daten|meine gespeicherten daten|alle daten von mir|\
         alle daten uber mich ~ loschen|loeschen|zu loschen|zu loeschen|loscht|geloscht werden|geloescht werden|geloscht haben|vernichten",
    ),
    (
        Kind::Erasure,
        "loschung|loeschung ~ meiner daten|meiner personenbezogenen daten|meiner personlichen daten|aller daten uber mich|\
         samtlicher daten uber mich",
    ),
    (
        Kind::Erasure,
        "recht auf loschung|recht auf vergessenwerden|dsgvo loschung|dsgvo loeschung|loschantrag|loschbegehren|art 17 dsgvo|artikel 17 \
         dsgvo|art 17 ds gvo",
    ),
    (
        Kind::Access,
        "dsgvo auskunft|selbstauskunft|datenauskunft|auskunftsersuchen|auskunftsantrag|datenschutzauskunft|art 15 dsgvo|artikel 15 dsgvo|\
         art 15 ds gvo",
    ),
    (
        Kind::Access,
        "auskunft ~ meine daten|uber mich|ueber mich|meine gespeicherten daten|meine personenbezogenen daten|zu meiner person|nach dsgvo",
    ),
    (
        Kind::Access,
        "welche daten|welche personenbezogenen daten|welche informationen ~ uber mich|ueber mich|zu meiner person",
    ),
    (Kind::Access, "welche daten ~ haben sie|habt ihr|speichern sie|speichert ihr ~ von mir"),
    (Kind::Access, "kopie ~ meiner daten|meiner personenbezogenen daten|meiner gespeicherten daten"),
    (Kind::Portability, "datenubertragbarkeit|datenuebertragbarkeit|datenportabilitat"),
    (Kind::Portability, "meine daten|meiner daten ~ maschinenlesbar*"),
    (
        Kind::Rectification,
        "berichtigung|richtigstellung ~ meiner daten|meiner personenbezogenen daten|meiner personlichen daten",
    ),
    (
        Kind::Rectification,
        "berichtigen|berichtigt ~ meine daten|meine personenbezogenen daten|meine personlichen daten",
    ),
    (
        Kind::Rectification,
        "meine daten|meine personenbezogenen daten|meine personlichen daten ~ berichtigen|zu berichtigen|berichtigt werden|richtigstellen",
    ),
    (Kind::Rectification, "recht auf berichtigung"),
    (Kind::Restriction, "einschrankung der verarbeitung|einschraenkung der verarbeitung"),
    (
        Kind::Restriction,
        "verarbeitung ~ meiner daten|meiner personenbezogenen daten ~ einschranken|einzuschranken|einschraenken",
    ),
    (Kind::Restriction, "meine daten|meine personenbezogenen daten ~ sperren|zu sperren|gesperrt werden"),
    (
        Kind::Objection,
        "widerspreche|widersprechen ~ verarbeitung|nutzung|verwendung|weitergabe|direktwerbung|profiling",
    ),
    (Kind::Objection, "widerspruch gegen ~ verarbeitung|nutzung|verwendung|weitergabe|direktwerbung|profiling"),
    (Kind::Objection, "art 21 dsgvo|artikel 21 dsgvo"),
    (Kind::Withdrawal, "widerrufe|widerrufen|widerruf|ziehe ~ einwilligung|zustimmung zur|datenschutzeinwilligung"),
    (Kind::Withdrawal, "meine einwilligung ~ widerrufen|zuruckziehen|zuruck|zurueck"),
    (Kind::HumanReview, "menschliche uberprufung|menschliche ueberpruefung|menschliches eingreifen"),
    (
        Kind::HumanReview,
        "automatisierte entscheidung|automatisierten entscheidung|automatische entscheidung ~ uberpruf*|ueberpruef*|anfecht*",
    ),
    // Italian.
    (
        Kind::Erasure,
        "cancellate|cancellare|cancelli|cancella|cancellino|eliminate|eliminare|elimini|elimina|distruggete ~ miei dati|miei dati personali|\
         mie informazioni personali|dati che mi riguardano|dati personali che mi riguardano|dati su di me|quello che avete su di me",
    ),
    (Kind::Erasure, "cancellazione|eliminazione ~ miei dati|dati che mi riguardano|dati personali che mi riguardano"),
    (
        Kind::Erasure,
        "miei dati|miei dati personali ~ vengano cancellati|siano cancellati|vengano eliminati|siano eliminati|essere cancellati",
    ),
    (Kind::Erasure, "diritto all oblio|diritto alla cancellazione|gdpr cancellazione"),
    (
        Kind::Access,
        "accesso ai miei dati|diritto di accesso|richiesta di accesso ai dati|copia dei miei dati|copia di tutti i miei dati",
    ),
    (
        Kind::Access,
        "quali dati|che dati|quali informazioni|quali miei dati ~ avete|conservate|trattate|possedete|tenete|ha|conserva ~ su di me|di me|\
         che mi riguardano|sul mio conto",
    ),
    (Kind::Access, "copia ~ dati che mi riguardano|dati personali che mi riguardano|dati che avete su di me"),
    (Kind::Portability, "portabilita dei dati|portabilita dei miei dati|portabilita dei dati personali"),
    (Kind::Portability, "miei dati ~ formato strutturato|formato leggibile|leggibile da"),
    (Kind::Rectification, "rettifica|rettificare|rettificate|rettifichi|correggete|correggere|corregga ~ miei dati"),
    (Kind::Rectification, "diritto di rettifica"),
    (Kind::Restriction, "limitazione del trattamento"),
    (Kind::Restriction, "limitare|limitate|limiti ~ trattamento ~ miei dati"),
    (Kind::Objection, "mi oppongo ~ trattamento|uso dei miei dati|utilizzo dei miei dati|profilazione|marketing"),
    (Kind::Objection, "opposizione al trattamento|diritto di opposizione"),
    (Kind::Withdrawal, "revoco|revocare|revoca|ritiro|ritirare ~ consenso"),
    (Kind::HumanReview, "intervento umano|revisione umana"),
    (Kind::HumanReview, "decisione automatizzata|decisione automatica ~ contest*|riesam*|riesaminat*|da una persona"),
    (Kind::HumanReview, "contest*|riesam* ~ decisione automatizzata|decisione automatica"),
    // Spanish.
    (
        Kind::Erasure,
        "borrad|borrar|borren|borre|borra|eliminad|eliminar|eliminen|elimine|suprimid|suprimir|supriman|suprima ~ mis datos|\
         mis datos personales|mi informacion personal|datos que tienen de mi|datos que teneis de mi|datos sobre mi|lo que tienen de mi|lo que teneis de mi",
    ),
    (Kind::Erasure, "supresion de|eliminacion de|borrado de ~ mis datos|mis datos personales"),
    (
        Kind::Erasure,
        "mis datos|mis datos personales ~ sean borrados|sean eliminados|sean suprimidos|se borren|se eliminen|se supriman",
    ),
    (Kind::Erasure, "derecho al olvido|derecho de supresion|derecho a la supresion"),
    (Kind::Access, "acceso a mis datos|derecho de acceso|copia de mis datos|copia de todos mis datos"),
    (
        Kind::Access,
        "que datos|que datos personales|que informacion|cuales datos ~ tienen|teneis|guardan|guardais|almacenan|conservan|tratan ~ sobre mi|\
         de mi|mios",
    ),
    (
        Kind::Access,
        "copia ~ datos que tienen de mi|datos que teneis de mi|datos que tienen sobre mi|datos que teneis sobre mi",
    ),
    (Kind::Portability, "portabilidad de mis datos|portabilidad de los datos|portabilidad de datos"),
    (Kind::Portability, "mis datos ~ formato estructurado|formato legible|lectura mecanica"),
    (Kind::Rectification, "rectificar|rectifiquen|rectificad|rectificacion|corregir|corrijan|corregid ~ mis datos"),
    (Kind::Rectification, "derecho de rectificacion"),
    (Kind::Restriction, "limitacion del tratamiento"),
    (Kind::Restriction, "limitar|limiten|limitad ~ tratamiento ~ mis datos"),
    (Kind::Objection, "me opongo ~ tratamiento|uso de mis datos|publicidad|marketing|perfiles|elaboracion de perfiles"),
    (Kind::Objection, "oposicion al tratamiento|derecho de oposicion"),
    (Kind::Withdrawal, "retiro|retirar|revoco|revocar|revocacion ~ consentimiento"),
    (Kind::HumanReview, "intervencion humana|revision humana"),
    (Kind::HumanReview, "decision automatizada|decision automatica ~ revis*|impugn*|por una persona"),
    (Kind::HumanReview, "revis*|impugn* ~ decision automatizada|decision automatica"),
];
