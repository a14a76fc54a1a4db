//! The settings as servers, addresses and keys, and what can be wrong with them.

use super::spec::SPEC;
use crate::mail::settings::{ALIAS_MALFORMED, is_address};
use crate::{Account, Ctx, Dkim, FieldKind, MailServer, MailTls, Secret};

/// Hosts that put what they are given to send into the folder for sent mail themselves.
const KEEP_SENT_THEMSELVES: [&str; 4] =
    ["smtp.gmail.com", "smtp.googlemail.com", "smtp.office365.com", "smtp-mail.outlook.com"];

/// The names under which large hosts write what they found out about a sender (RFC 8601).
const CHECKING: [(&str, &str); 2] = [("imap.gmail.com", "mx.google.com"), ("imap.googlemail.com", "mx.google.com")];

/// The lines around a private key (PKCS #8).
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// What can be wrong with the settings, in words.
const REASONS: [(&str, &str); 7] = [
    ("address_malformed", "The address is not one that mails can come from: write it as info@example.com, in ASCII."),
    ("alias_malformed", ALIAS_MALFORMED),
    (
        "server_malformed",
        "A server is not one: write its name alone, such as imap.example.com, without a port or https://.",
    ),
    ("port_malformed", "A port is not a whole number from 1 to 65535. Leave it empty for the usual one."),
    ("choice_unknown", "A setting has a word that is not among its choices."),
    (
        "dkim_malformed",
        "DKIM needs a domain, a selector and a key together: the domain that the address has or one above it, and the key in \
         PEM as openssl genpkey writes it (-----BEGIN PRIVATE KEY-----).",
    ),
    (
        "password_malformed",
        "The user name or the password holds a character that no mail server takes. Enter it again.",
    ),
];

/// The words for a code.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    REASONS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// The first thing that is wrong with the settings: its code, and what to do.
pub(super) fn wrong(account: &Account) -> Option<(&'static str, &'static str)> {
    let is_port = |key| account.setting(key).trim().parse::<u16>().is_ok_and(|port| port > 0);
    let among = |key: &str, choices: &[&str]| {
        matches!(account.setting(key), "" | "true" | "false") || choices.contains(&account.setting(key))
    };
    let choices = SPEC.fields.iter().filter(|field| field.kind == FieldKind::Choice);
    let sound = [
        is_address(account.setting("address")),
        account.list("aliases").all(is_address),
        ["imap.host", "smtp.host"].into_iter().all(|key| is_host(account.setting(key).trim())),
        ["imap.port", "smtp.port"].into_iter().all(|key| account.setting(key).trim().is_empty() || is_port(key)),
        choices.into_iter().all(|field| among(field.key, field.choices)),
        dkim_is_whole(account),
        [imap(account), smtp(account)].iter().all(can_sign_in),
    ];
    REASONS.into_iter().zip(sound).find(|(_, sound)| !sound).map(|(reason, _)| reason)
}

/// What is said of the server for sending, and its usual ports: protected from the first byte, and else.
const SMTP: [&str; 3] = ["smtp.host", "smtp.port", "smtp.tls"];
const SMTP_PORTS: [u16; 2] = [465, 587];

/// The mailbox.
pub(super) fn imap(account: &Account) -> MailServer {
    let name = or(account.setting("imap.username").trim(), account.setting("address").trim());
    server(account, ["imap.host", "imap.port", "imap.tls"], [993, 143], (name, account.secret("imap.password")))
}

/// Where mails are submitted. Without a name and password of its own those of the mailbox are used; but over a connection that
/// nothing protects nobody signs in with them: that is a relay of the operator's own.
pub(super) fn smtp(account: &Account) -> MailServer {
    let mailbox = imap(account);
    let (name, own) = (account.setting("smtp.username").trim(), account.secret("smtp.password"));
    if own.is_empty() && matches!(account.setting("smtp.tls"), "none" | "false") {
        return server(account, SMTP, SMTP_PORTS, ("", Secret::default()));
    }
    let name = or(name, &mailbox.username);
    let password = if own.is_empty() { mailbox.password } else { own };
    server(account, SMTP, SMTP_PORTS, (name, password))
}

fn server(
    account: &Account,
    [host, port, tls]: [&str; 3],
    [usual, plain]: [u16; 2],
    login: (&str, Secret),
) -> MailServer {
    let tls = match account.setting(tls) {
        "starttls" => MailTls::StartTls,
        "none" | "false" => MailTls::None,
        _ => MailTls::Implicit,
    };
    let usual = if tls == MailTls::Implicit { usual } else { plain };
    let port = account.setting(port).trim().parse().unwrap_or(usual);
    let (name, password) = login;
    MailServer { host: account.setting(host).trim().to_owned(), port, tls, username: name.to_owned(), password }
}

/// The names of the servers whose word on a sender counts.
pub(super) fn checking_servers(account: &Account) -> Vec<String> {
    let host = account.setting("imap.host").trim().to_ascii_lowercase();
    let known = CHECKING.iter().filter(|(mailbox, _)| *mailbox == host).map(|(_, server)| *server);
    known.chain(account.list("sender_checks")).map(str::to_owned).collect()
}

/// Who signs what is sent, where the channel has a key.
pub(super) fn dkim(ctx: &Ctx, account: &Account) -> Option<Dkim> {
    let key = account.secret("dkim.key");
    let (domain, selector) = (account.setting("dkim.domain").trim(), account.setting("dkim.selector").trim());
    let given = !key.is_empty() && !domain.is_empty() && !selector.is_empty();
    given.then(|| Dkim {
        domain: domain.to_ascii_lowercase(),
        selector: selector.to_owned(),
        key: Secret::new(pem(key.expose())),
        signed_at: ctx.now_ms.div_euclid(1000),
    })
}

/// A private key in the lines that PEM has (RFC 7468), however it was pasted.
fn pem(key: &str) -> String {
    let inner = key.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map_or("", |(inner, _)| inner);
    let inner: Vec<char> = inner.chars().filter(|letter| !letter.is_whitespace()).collect();
    let lines: Vec<String> = inner.chunks(64).map(|line| line.iter().collect()).collect();
    format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"))
}

/// Whether it is for us to put what was sent into the folder for sent mail.
pub(super) fn keeps_sent(account: &Account) -> bool {
    let host = account.setting("smtp.host").trim().to_ascii_lowercase();
    !matches!(account.setting("keep_sent"), "no" | "false") && !KEEP_SENT_THEMSELVES.contains(&host.as_str())
}

fn or<'a>(own: &'a str, other: &'a str) -> &'a str {
    if own.is_empty() { other } else { own }
}

/// The name of a server or its address, and nothing else.
fn is_host(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let letters = |text: &str, more: &[u8]| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    host.len() <= 253 && bare.map_or_else(|| letters(host, b"-._"), |bare| letters(bare, b":."))
}

fn can_sign_in(server: &MailServer) -> bool {
    let sound = |text: &str| !text.chars().any(|c| matches!(c, '\0' | '\r' | '\n'));
    sound(&server.username) && sound(server.password.expose())
}

/// Whether there is nothing of a signature, or all of it.
fn dkim_is_whole(account: &Account) -> bool {
    let key = account.secret("dkim.key");
    let (domain, selector) = (account.setting("dkim.domain").trim(), account.setting("dkim.selector").trim());
    if key.is_empty() && domain.is_empty() && selector.is_empty() {
        return true;
    }
    let own = account.setting("address").trim().rsplit_once('@').map_or("", |(_, own)| own).to_ascii_lowercase();
    let wanted = domain.to_ascii_lowercase();
    let covers = own == wanted || own.ends_with(&format!(".{wanted}"));
    let is_key = key.expose().contains(BEGIN) && key.expose().contains(END);
    covers && is_key && is_host(domain) && is_host(selector)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(changed: &[(&str, &str)]) -> Account {
        let usual = [
            ("address", "info@shop.example"),
            ("imap.host", "imap.shop.example"),
            ("imap.password", "reads"),
            ("smtp.host", "smtp.shop.example"),
        ];
        let mut account = Account::default();
        for (key, value) in usual.iter().chain(changed) {
            let is_secret = SPEC.fields.iter().any(|field| field.key == *key && field.secret);
            if is_secret {
                account.secrets.insert((*key).to_owned(), Secret::new(*value));
            } else {
                account.settings.insert((*key).to_owned(), (*value).to_owned());
            }
        }
        account
    }

    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n";

    #[test]
    fn what_is_wrong_is_said_by_name() {
        let dkim = |domain, key| [("dkim.domain", domain), ("dkim.selector", "parloir"), ("dkim.key", key)];
        for (changed, expected) in [
            (&[][..], None),
            (&[("address", "info")], Some("address_malformed")),
            (&[("address", "inf\u{f6}@shop.example")], Some("address_malformed")),
            (&[("aliases", "sales@shop.example\nhelp@shop.example")], None),
            (&[("aliases", "sales")], Some("alias_malformed")),
            (&[("imap.host", "https://imap.shop.example")], Some("server_malformed")),
            (&[("smtp.host", "smtp.shop.example:465")], Some("server_malformed")),
            (&[("smtp.host", "")], Some("server_malformed")),
            (&[("smtp.host", "[::1]")], None),
            (&[("imap.port", "0")], Some("port_malformed")),
            (&[("imap.port", "65536")], Some("port_malformed")),
            (&[("imap.port", " 1143 ")], None),
            (&[("imap.tls", "ssl")], Some("choice_unknown")),
            (&[("reply_address", "minus")], Some("choice_unknown")),
            (&[("imap.password", "a\r\nLOGOUT")], Some("password_malformed")),
            (&dkim("shop.example", KEY), None),
            (&dkim("example", KEY), None),
            (&dkim("other.example", KEY), Some("dkim_malformed")),
            (&dkim("shop.example", "-----BEGIN RSA PRIVATE KEY-----"), Some("dkim_malformed")),
            (&dkim("shop.example", ""), Some("dkim_malformed")),
        ] {
            assert_eq!(wrong(&account(changed)).map(|(code, _)| code), expected, "{changed:?}");
        }
    }

    #[test]
    fn what_is_left_out_is_the_usual() {
        let at = |server: MailServer| {
            (server.host, server.port, server.tls, server.username, server.password.expose().to_owned())
        };
        let usual = account(&[]);
        let login = |password: &str| ("info@shop.example".to_owned(), password.to_owned());
        let (name, password) = login("reads");
        assert_eq!(
            at(imap(&usual)),
            ("imap.shop.example".to_owned(), 993, MailTls::Implicit, name.clone(), password.clone())
        );
        assert_eq!(at(smtp(&usual)), ("smtp.shop.example".to_owned(), 465, MailTls::Implicit, name, password));
        let own = account(&[
            ("imap.tls", "none"),
            ("smtp.tls", "starttls"),
            ("smtp.username", "u"),
            ("smtp.password", "sends"),
        ]);
        assert_eq!((imap(&own).port, imap(&own).tls), (143, MailTls::None));
        assert_eq!((smtp(&own).port, smtp(&own).tls), (587, MailTls::StartTls));
        assert_eq!((smtp(&own).username.as_str(), smtp(&own).password.expose()), ("u", "sends"));
        let relay = account(&[("smtp.tls", "none")]);
        assert_eq!((smtp(&relay).username.as_str(), smtp(&relay).password.is_empty()), ("", true));
        let relay = account(&[("smtp.tls", "none"), ("smtp.username", "u")]);
        assert!(smtp(&relay).password.is_empty(), "the mailbox's goes over no such connection unasked");
        assert!(keeps_sent(&usual) && !keeps_sent(&account(&[("keep_sent", "no")])));
        assert!(!keeps_sent(&account(&[("smtp.host", "SMTP.gmail.com")])), "it does so itself");
    }

    #[test]
    fn a_key_has_its_lines_however_it_was_pasted() {
        let (line, rest) = ("A".repeat(64), "B".repeat(10));
        let whole = format!("{BEGIN}\n{line}\n{rest}\n{END}\n");
        for pasted in [whole.clone(), whole.replace('\n', ""), whole.replace('\n', " "), whole.replace('\n', "\r\n")] {
            let account = account(&[("dkim.domain", "Shop.example"), ("dkim.selector", "p"), ("dkim.key", &pasted)]);
            let dkim = dkim(&Ctx { now_ms: 5_999, chance: [0; 32] }, &account).expect("a whole signature");
            assert_eq!((dkim.key.expose(), dkim.domain.as_str(), dkim.signed_at), (whole.as_str(), "shop.example", 5));
        }
    }

    #[test]
    fn every_reason_has_words() {
        for (code, words) in REASONS {
            assert_eq!(reason(code), Some(words));
        }
    }
}
