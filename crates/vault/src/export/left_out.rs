//! What is deliberately not in an export, and why. Whoever reads an archive finds the same list in it.

/// Something that is not in an export.
#[derive(Debug, Clone, Copy)]
pub struct LeftOut {
    /// The table.
    pub table: &'static str,
    /// The column; `None`: the whole table.
    pub column: Option<&'static str>,
    /// Why.
    pub why: &'static str,
    /// From which export.
    from: Of,
}

/// From which export something is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Contact,
    Both,
}

const PASSING: &str = "work that is being done: ids, states and times; what it is about is in the archive itself";
const KEY: &str = "a key: what it opens is in the archive, opened";
const SIGNS_IN: &str = "what people and programs sign in with";
const COUNTED: &str = "how far the program has come with its own work";

const fn table(table: &'static str, from: Of, why: &'static str) -> LeftOut {
    LeftOut { table, column: None, why, from }
}

const fn column(table: &'static str, column: &'static str, from: Of, why: &'static str) -> LeftOut {
    LeftOut { table, column: Some(column), why, from }
}

const LIST: &[LeftOut] = &[
    table("counters", Of::Both, COUNTED),
    table(
        "channel_directory",
        Of::Both,
        "the installation's own list of channels, which has hashes; the channels are in the archive",
    ),
    table("logins", Of::Both, SIGNS_IN),
    table("sessions", Of::Both, SIGNS_IN),
    table("session_devices", Of::Both, SIGNS_IN),
    table("second_factors", Of::Both, SIGNS_IN),
    table("recovery_codes", Of::Both, SIGNS_IN),
    table("tokens", Of::Both, SIGNS_IN),
    table("invitations", Of::Both, SIGNS_IN),
    table("spent_challenges", Of::Both, SIGNS_IN),
    table(
        "request_claims",
        Of::Both,
        "what is asked on the public page until it is known who asks, for a day; what became a request is in the archive",
    ),
    table(
        "push_subscriptions",
        Of::Both,
        "where a member's own browser is told; whoever has it may write to that browser",
    ),
    table(
        "inbox",
        Of::Both,
        "requests of providers that are not read yet; what they bring is in the archive once they are",
    ),
    table("outbox", Of::Both, PASSING),
    table("jobs", Of::Both, PASSING),
    table("facts", Of::Both, PASSING),
    table("deliveries", Of::Both, PASSING),
    table("idempotency", Of::Both, "hashes by which a request that comes twice is known, kept for a day"),
    table("index_pending", Of::Both, PASSING),
    table("index_folders", Of::Both, COUNTED),
    table("index_repairs", Of::Both, COUNTED),
    table("polls", Of::Both, COUNTED),
    table("sweeps", Of::Both, COUNTED),
    table("backups", Of::Both, "the installation's own"),
    table("site_directory", Of::Both, "the installation's own list of websites; the websites are in the archive"),
    table("contact_keys", Of::Both, KEY),
    table("doomed_keys", Of::Both, KEY),
    table("rotations", Of::Contact, "which keys gave way to new ones: nothing about a person"),
    table(
        "legal_holds",
        Of::Contact,
        "told where it does not stand against a claim in law: ask whoever keeps the data (GDPR Art. 15(4), 23(1)(j))",
    ),
    table(
        "suppressions",
        Of::Both,
        "keyed hashes of addresses that must not be written to: nobody can read from them whose they are",
    ),
    table("consent_visitors", Of::Both, "keyed hashes of browsers: nobody can read from them whose they are"),
    table(
        "site_visitors",
        Of::Both,
        "keyed hashes of browsers under a key of the day: nobody can read from them whose they are",
    ),
    column(
        "audit",
        "actor_id",
        Of::Contact,
        "who of the members it was is about the member; what, when and for what purpose is told (GDPR Art. 15(4))",
    ),
    column("attachments", "file_key_sealed", Of::Both, KEY),
    column("attachments", "found_sealed", Of::Both, "worked out from the file, which is in the export itself"),
    column(
        "attachments",
        "locator_sealed",
        Of::Both,
        "how a file that is not here yet is fetched from the provider, which may open more than it",
    ),
    column("erasures", "traces_sealed", Of::Both, "what providers are still asked to delete"),
    column("webhooks", "secret_sealed", Of::Both, "a secret: a new one is made where it is needed"),
    column("channels", "watch_sealed", Of::Both, "what the provider's subscription is known by, which is a secret"),
    column(
        "channels",
        "settings_sealed.secrets",
        Of::Both,
        "secrets of the channel are entered anew where they are needed",
    ),
    column("channels", "settings_sealed.previous", Of::Both, "secrets that gave way to others"),
];

/// What is not in a contact's export, or in a workspace's, besides hashes, by which things are found without being stored.
pub fn left_out(of_contact: bool) -> impl Iterator<Item = &'static LeftOut> {
    LIST.iter().filter(move |one| concerns(one, of_contact))
}

fn concerns(one: &LeftOut, of_contact: bool) -> bool {
    of_contact || one.from == Of::Both
}

/// Whether a column is left out.
pub(super) fn is_column(table: &str, column: &str, of_contact: bool) -> bool {
    left_out(of_contact).any(|one| one.table == table && one.column == Some(column))
}

/// The parts of a sealed value without those that are left out: they are in the list as `column.part`.
pub(super) fn without(table: &str, column: &str, mut parts: serde_json::Value, of_contact: bool) -> serde_json::Value {
    let Some(members) = parts.as_object_mut() else { return parts };
    for one in left_out(of_contact).filter(|one| one.table == table) {
        if let Some((sealed, part)) = one.column.and_then(|named| named.split_once('.'))
            && sealed == column
        {
            members.remove(part);
        }
    }
    parts
}

/// Whether a table is left out.
pub(super) fn is_table(name: &str, of_contact: bool) -> bool {
    left_out(of_contact).any(|one| one.table == name && one.column.is_none())
}
