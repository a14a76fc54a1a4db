//! How mail programs introduce what is quoted, passed on or signed, in the languages of the product and some more.

/// How a line begins and ends that says who wrote what is quoted: `On …, Anna wrote:`.
const ATTRIBUTIONS: &[(&str, &str)] = &[
    ("on ", "wrote:"),
    ("on ", "writes:"),
    ("am ", "schrieb:"),
    ("am ", "geschrieben:"),
    ("il ", "ha scritto:"),
    ("in data ", "ha scritto:"),
    ("el ", "escribió:"),
    ("el ", "escribio:"),
    ("le ", "a écrit :"),
    ("le ", "a écrit:"),
    ("op ", "schreef:"),
    ("em ", "escreveu:"),
    ("den ", "skrev:"),
    ("w dniu ", "napisał:"),
];
/// The same where the name stands behind the verb: `Am … schrieb Anna:`.
const NAMED_LAST: &[(&str, &str)] = &[
    ("am ", " schrieb "),
    ("on ", " wrote "),
    ("op ", " schreef "),
    ("el ", " escribió "),
    ("den ", " skrev "),
    ("il giorno ", " ha scritto "),
];
/// Lines that part an answer from the mail it answers.
const ORIGINALS: &[&str] = &[
    "original message",
    "original-nachricht",
    "ursprüngliche nachricht",
    "ursprungliche nachricht",
    "originalnachricht",
    "messaggio originale",
    "messaggio original",
    "mensaje original",
    "message d'origine",
    "message d’origine",
    "message original",
    "mensagem original",
    "oorspronkelijk bericht",
    "original appointment",
];
/// Lines that introduce what is passed on.
const FORWARDS: &[&str] = &[
    "forwarded message",
    "begin forwarded message",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "weitergeleitete e-mail",
    "messaggio inoltrato",
    "inizio messaggio inoltrato",
    "messaggio inoltrato da",
    "mensaje reenviado",
    "inicio del mensaje reenviado",
    "message transféré",
    "message réexpédié",
    "début du message transféré",
    "début du message réexpédié",
    "mensagem encaminhada",
    "doorgestuurd bericht",
];
/// Subjects of mails that are passed on.
const FORWARD_SUBJECTS: &[&str] = &["fw:", "fwd:", "wg:", "i:", "rv:", "tr:", "enc:", "doorst:", "rif: i:"];
/// The names of fields in a header that is quoted: who, when, to whom, about what.
const WHO: &[&str] = &["from", "von", "da", "de", "desde", "van", "expéditeur", "mittente", "absender", "от"];
const WHEN: &[&str] = &[
    "sent",
    "date",
    "gesendet",
    "datum",
    "inviato",
    "data",
    "enviado",
    "fecha",
    "enviado el",
    "envoyé",
    "verzonden",
    "отправлено",
    "дата",
];
const WHOM: &[&str] = &["to", "an", "a", "para", "à", "aan", "cc", "destinatario", "destinataire", "кому"];
const ABOUT: &[&str] = &["subject", "betreff", "oggetto", "asunto", "objet", "onderwerp", "assunto", "тема"];
/// How programs on telephones sign.
const SENT_FROM: &[&str] = &[
    "sent from my ",
    "sent from mail for ",
    "sent from outlook",
    "sent from yahoo mail",
    "sent from proton mail",
    "sent via ",
    "sent with ",
    "get outlook for ",
    "von meinem iphone gesendet",
    "von meinem ipad gesendet",
    "von meinem android",
    "von unterwegs gesendet",
    "gesendet von mail für ",
    "gesendet von meinem ",
    "gesendet von outlook",
    "gesendet mit ",
    "diese nachricht wurde von meinem ",
    "holen sie sich outlook für ",
    "outlook für ",
    "inviato da iphone",
    "inviato da ipad",
    "inviato da outlook",
    "inviato da posta per ",
    "inviato da yahoo mail",
    "inviato da libero mail",
    "inviato dal mio ",
    "ottieni outlook per ",
    "scarica outlook per ",
    "enviado desde mi ",
    "enviado desde outlook",
    "enviado desde correo para ",
    "enviado do meu ",
    "obtener outlook para ",
    "envoyé de mon ",
    "envoyé depuis mon ",
    "envoyé à partir de ",
    "envoyé depuis outlook",
    "télécharger outlook pour ",
    "obtenir outlook pour ",
    "verstuurd vanaf mijn ",
];

/// Whether a line (or several that were one) says that somebody wrote what follows. It names a day or an address.
pub(super) fn is_attribution(line: &str) -> bool {
    let line = plain(line.trim_start_matches(['-', ' ']));
    let said = line.chars().any(|c| c.is_ascii_digit()) && line.ends_with(':') && line.chars().count() <= 300;
    said && (ATTRIBUTIONS.iter().any(|(begin, end)| line.starts_with(begin) && line.ends_with(end))
        || NAMED_LAST.iter().any(|(begin, verb)| line.starts_with(begin) && line.contains(verb)))
}

/// Whether an attribution names a time or an address, as programs do and people do not.
pub(super) fn is_exact(attribution: &str) -> bool {
    let timed =
        |three: &[u8]| matches!(three[1], b':' | b'.') && three[0].is_ascii_digit() && three[2].is_ascii_digit();
    attribution.contains('@') || attribution.as_bytes().windows(3).any(timed)
}

/// Whether a line could be the beginning of an attribution.
pub(super) fn begins_attribution(line: &str) -> bool {
    let line = plain(line.trim_start_matches(['-', ' ']));
    ATTRIBUTIONS.iter().chain(NAMED_LAST).any(|(begin, _)| line.starts_with(begin))
}

/// `-----Original Message-----`.
pub(super) fn is_original(line: &str) -> bool {
    dashed(line).is_some_and(|words| ORIGINALS.contains(&words.as_str()))
}

/// `---------- Forwarded message ---------`, `Begin forwarded message:`.
pub(super) fn is_forward(line: &str) -> bool {
    let known = |words: &str| FORWARDS.contains(&words.trim_end_matches(':').trim());
    dashed(line).is_some_and(|words| known(&words)) || (line.trim_end().ends_with(':') && known(&plain(line)))
}

/// Whether a subject says that a mail is passed on: `Fwd: …`, but not `Re: Fwd: …`.
pub(super) fn is_forward_subject(subject: &str) -> bool {
    let subject = plain(subject);
    FORWARD_SUBJECTS.iter().any(|prefix| subject.starts_with(prefix))
}

/// The fields of a header that is quoted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoted {
    Who,
    When,
    Whom,
    About,
}

/// Which field of a quoted header a line is.
pub(super) fn header_field(line: &str) -> Option<Quoted> {
    let line = line.trim().trim_start_matches('*');
    let (name, _) = line.split_once(':')?;
    let name = name.trim_matches([' ', '*', '\u{a0}']).to_lowercase();
    let kinds = [(WHO, Quoted::Who), (WHEN, Quoted::When), (WHOM, Quoted::Whom), (ABOUT, Quoted::About)];
    kinds.into_iter().find(|(names, _)| names.contains(&name.as_str())).map(|(_, kind)| kind)
}

/// Whether a line is how a telephone signs.
pub(super) fn is_sent_from(line: &str) -> bool {
    let line = plain(line);
    line.chars().count() <= 90 && SENT_FROM.iter().any(|begin| line.starts_with(begin.trim_end()))
}

fn plain(line: &str) -> String {
    line.trim().trim_matches(['*', '_']).trim().replace(['\u{a0}', '\u{202f}'], " ").to_lowercase()
}

/// The words between dashes.
fn dashed(line: &str) -> Option<String> {
    let line = plain(line);
    let words = line.strip_prefix("--")?.trim_matches(['-', ' ']).to_owned();
    line.ends_with('-').then_some(words)
}
