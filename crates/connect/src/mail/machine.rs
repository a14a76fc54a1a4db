//! Whether a machine wrote a mail: then nothing may answer it by itself (RFC 3834, section 2).

use super::letter::Letter;
use super::phrases_of_machines as phrases;

/// The field by which channels know what they sent themselves; its value is the channel.
pub(crate) const LOOP_FIELD: &str = "x-parloir-channel";
/// Names before the `@` behind which nobody reads.
const NOBODY: [&str; 8] =
    ["mailer-daemon", "postmaster", "no_reply", "do_not_reply", "nobody", "bounce", "bounces", "listserv"];

/// Whether a machine wrote it, or a list passed it on.
pub(super) fn is_automatic(letter: &Letter) -> bool {
    said_by_fields(letter)
        || letter.report.kind.is_some()
        || letter.header(LOOP_FIELD).is_some()
        || letter.is_from_null()
        || senders(letter).any(|address| is_nobody(&address))
        || letter.header("subject").is_some_and(phrases::is_automatic_subject)
}

fn said_by_fields(letter: &Letter) -> bool {
    let word = |name: &str| letter.header(name).map(first_word);
    let submitted = letter.all("auto-submitted").any(|value| !matches!(first_word(value).as_str(), "no" | ""));
    let bulk = letter
        .all("precedence")
        .any(|value| matches!(first_word(value).as_str(), "bulk" | "list" | "junk" | "auto_reply"));
    let suppressed = letter.all("x-auto-response-suppress").any(|value| {
        let value = value.to_ascii_lowercase();
        value.split([',', ' ', ';']).any(|word| matches!(word, "all" | "autoreply" | "oof"))
    });
    let answers = ["x-autoreply", "x-auto-reply", "x-autorespond", "x-autoresponder", "x-vacation"];
    let answered = answers.into_iter().any(|name| word(name).is_some_and(|word| word != "no" && word != "false"));
    let listed =
        ["list-id", "list-unsubscribe", "list-post", "x-failed-recipients", "feedback-id", "x-mailman-version"];
    submitted || bulk || suppressed || answered || listed.into_iter().any(|name| letter.header(name).is_some())
}

/// The word before any parameter or comment.
fn first_word(value: &str) -> String {
    value.trim().split([';', '(', ' ', ',']).next().unwrap_or_default().to_ascii_lowercase()
}

/// All who could have sent it.
pub(super) fn senders(letter: &Letter) -> impl Iterator<Item = String> {
    let from = letter.from.iter().chain(&letter.sender).map(|one| one.address.to_lowercase());
    from.chain(letter.return_path.iter().map(|address| address.to_lowercase()))
}

/// Whether nobody reads what is sent there.
pub(super) fn is_nobody(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    let local = local.split('+').next().unwrap_or_default();
    let unread = ["noreply", "no-reply", "donotreply", "do-not-reply"].iter().any(|begin| local.starts_with(begin));
    unread
        || NOBODY.contains(&local)
        || local.starts_with("owner-")
        || local.ends_with("-request")
        || local.ends_with("-bounces")
}

/// Whether the machine that delivers mail wrote it.
pub(super) fn is_from_daemon(letter: &Letter) -> bool {
    senders(letter).any(|address| {
        let local = address.split('@').next().unwrap_or_default();
        matches!(local, "mailer-daemon" | "postmaster" | "mail-daemon" | "mailerdaemon")
    }) || letter.header("from").is_some_and(|from| {
        let from = from.to_ascii_lowercase();
        from.contains("mailer-daemon") || from.contains("mail delivery sub") || from.contains("mail delivery sys")
    })
}
