//! What stands around a number, and says what it is.

/// How many characters before a number a word still speaks of it.
const BEFORE: usize = 40;
/// How many behind it.
const BEHIND: usize = 24;
/// How many characters after its name a security code stands.
pub(super) const SOON: usize = 20;

/// Words for a card, and what is said along with its number.
const CARD: &[&str] = &[
    "american",
    "amex",
    "bancomat",
    "card",
    "cards",
    "carta",
    "carte",
    "cartao",
    "cart\u{e3}o",
    "cc",
    "cvc",
    "cvv",
    "cvv2",
    "debitkarte",
    "diners",
    "discover",
    "exp",
    "expiration",
    "expires",
    "expiry",
    "jcb",
    "kaart",
    "kaartnummer",
    "kartennummer",
    "karte",
    "kort",
    "kreditkarte",
    "kreditkartennummer",
    "maestro",
    "mastercard",
    "postepay",
    "scadenza",
    "tarjeta",
    "unionpay",
    "visa",
    "\u{43a}\u{430}\u{440}\u{442}\u{430}",
    "\u{43a}\u{430}\u{440}\u{442}\u{44b}",
];

/// Words for other long numbers.
const OTHER: &[&str] = &[
    "auftrag",
    "auftragsnummer",
    "awb",
    "bestellnummer",
    "bestellung",
    "commande",
    "ean",
    "encomenda",
    "env\u{ed}o",
    "factura",
    "facture",
    "fattura",
    "gtin",
    "imei",
    "invoice",
    "isbn",
    "order",
    "ordernumber",
    "ordine",
    "paket",
    "parcel",
    "pedido",
    "rechnung",
    "rechnungsnummer",
    "ref",
    "reference",
    "riferimento",
    "sendung",
    "sendungsnummer",
    "serial",
    "spedizione",
    "suivi",
    "tracciamento",
    "tracking",
    "waybill",
];

/// Whether a word for a card stands near.
pub(super) fn of_card(letters: &[char], start: usize, end: usize) -> bool {
    let before = words(&letters[start.saturating_sub(BEFORE)..start]);
    let behind = words(&letters[end..letters.len().min(end + BEHIND)]);
    before.iter().chain(&behind).any(|(word, _)| CARD.contains(&word.as_str()))
}

/// Whether a word for some other number stands before.
pub(super) fn of_another_number(letters: &[char], start: usize) -> bool {
    let before = words(&letters[start.saturating_sub(BEFORE)..start]);
    before.iter().any(|(word, _)| OTHER.contains(&word.as_str()))
}

/// What a card's security code is called, and whether what is called so may have four digits: other things are called like some.
const SECURITY_CODES: &[(&[&str], bool)] = &[
    (&["cvv"], true),
    (&["cvv2"], true),
    (&["cvn"], true),
    (&["cvc"], false),
    (&["cvc2"], false),
    (&["card", "security", "code"], true),
    (&["card", "verification", "code"], true),
    (&["card", "verification", "value"], true),
    (&["security", "code"], false),
    (&["codice", "di", "sicurezza"], false),
    (&["codice", "sicurezza"], false),
    (&["codice", "di", "verifica", "della", "carta"], true),
    (&["kartenpr\u{fc}fnummer"], true),
    (&["kartenpruefnummer"], true),
    (&["kartenpr\u{fc}fziffer"], true),
    (&["pr\u{fc}fnummer"], false),
    (&["pr\u{fc}fziffer"], false),
    (&["pruefnummer"], false),
    (&["sicherheitscode"], false),
    (&["sicherheitsnummer"], false),
    (&["c\u{f3}digo", "de", "seguridad"], false),
    (&["codigo", "de", "seguridad"], false),
    (&["c\u{f3}digo", "de", "verificaci\u{f3}n", "de", "la", "tarjeta"], true),
    (&["cryptogramme"], false),
    (&["code", "de", "s\u{e9}curit\u{e9}"], false),
    (&["c\u{f3}digo", "de", "seguran\u{e7}a"], false),
];

/// Where the names of security codes end, and whether such a code may have four digits.
pub(super) fn security_codes(letters: &[char]) -> Vec<(usize, bool)> {
    let words = words(letters);
    let named = |(at, (word, end)): (usize, &(String, usize))| {
        // Written in one with its name.
        let attached = ["cvv", "cvc"].iter().find_map(|name| word.strip_prefix(name));
        let digits =
            attached.filter(|rest| (3..=4).contains(&rest.len()) && rest.bytes().all(|it| it.is_ascii_digit()));
        if let Some(digits) = digits {
            return Some((end - digits.len(), word.starts_with("cvv")));
        }
        let called = |names: &[&str]| {
            let before = (at + 1).checked_sub(names.len()).map(|first| &words[first..=at]);
            before.is_some_and(|before| before.iter().zip(names).all(|((word, _), name)| word == name))
        };
        SECURITY_CODES.iter().find(|(names, _)| called(names)).map(|(_, four)| (*end, *four))
    };
    words.iter().enumerate().filter_map(named).collect()
}

/// The words of some text in lower case, each with where it ends.
fn words(letters: &[char]) -> Vec<(String, usize)> {
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, letter) in letters.iter().chain(&[' ']).enumerate() {
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        } else if !word.is_empty() {
            words.push((std::mem::take(&mut word), at));
        }
    }
    words
}

/// Whether a number stands behind a plus, as telephone numbers do.
pub(super) fn after_plus(letters: &[char], start: usize) -> bool {
    let before = letters[..start].iter().rev().take(3).find(|letter| !matches!(letter, ' ' | '('));
    before.is_some_and(|letter| matches!(letter, '+' | '\u{ff0b}'))
}

/// Whether a number is part of a link: no white space is between it and the link's beginning.
pub(super) fn in_link(letters: &[char], start: usize) -> bool {
    let from = letters[..start].iter().rposition(|letter| letter.is_whitespace()).map_or(0, |at| at + 1);
    letters[from..start].windows(3).any(|three| three == [':', '/', '/'])
}

/// Where valid IBANs are: two letters, two digits and up to thirty of both, in one or with spaces (ISO 13616), whose remainder
/// by 97 is one (ISO 7064).
pub(super) fn ibans(letters: &[char]) -> Vec<(usize, usize)> {
    let begins = |at: usize| {
        let first = at == 0 || !letters[at - 1].is_alphanumeric();
        let head = letters.get(at..at + 4);
        first
            && head.is_some_and(|head| {
                head[..2].iter().all(char::is_ascii_alphabetic) && head[2..].iter().all(char::is_ascii_digit)
            })
    };
    (0..letters.len()).filter(|at| begins(*at)).filter_map(|at| Some((at, iban_end(letters, at)?))).collect()
}

/// Where the longest valid IBAN ends that begins here.
fn iban_end(letters: &[char], from: usize) -> Option<usize> {
    let mut taken: Vec<char> = Vec::new();
    let mut end = None;
    for (at, letter) in letters.iter().enumerate().skip(from) {
        match letter {
            ' ' | '\u{a0}' => continue,
            letter if letter.is_ascii_alphanumeric() && taken.len() < 34 => taken.push(*letter),
            _ => break,
        }
        let whole = letters.get(at + 1).is_none_or(|next| !next.is_alphanumeric());
        if whole && taken.len() >= 15 && remainder(&taken) == 1 {
            end = Some(at + 1);
        }
    }
    end
}

fn remainder(iban: &[char]) -> u32 {
    let turned = iban.iter().cycle().skip(4).take(iban.len());
    turned.fold(0, |rest, letter| match letter.to_digit(36).unwrap_or(0) {
        digit @ 0..=9 => (rest * 10 + digit) % 97,
        letter => (rest * 100 + letter) % 97,
    })
}
