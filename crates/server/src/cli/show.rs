//! Answers of commands as people read them.

use serde_json::Value;

use super::{Command, audit, backup};

/// How an answer is told. Kept apart from the command, which goes to whoever holds the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    NewWorkspace,
    Workspaces,
    NewMember { with_password: bool },
    SecondFactor,
    NewToken,
    Erasure,
    Export,
    Rotations,
    Root,
    Installation,
    KeyStatus,
    Term,
    Clock,
    Backup,
    Audit,
    AuditExport,
    Findings,
}

impl Shown {
    pub(super) fn of(command: &Command) -> Self {
        match command {
            Command::CreateWorkspace { .. } => Self::NewWorkspace,
            Command::ListWorkspaces => Self::Workspaces,
            Command::AddMember { password, .. } => Self::NewMember { with_password: password.is_some() },
            Command::RemoveSecondFactor { .. } => Self::SecondFactor,
            Command::CreateToken { .. } => Self::NewToken,
            Command::Erase { .. } => Self::Erasure,
            Command::Export { .. } => Self::Export,
            Command::RotateKeys { .. } => Self::Rotations,
            Command::RotateRoot { .. } => Self::Root,
            Command::RotateInstallation => Self::Installation,
            Command::KeyStatus => Self::KeyStatus,
            Command::SetTerm { .. } => Self::Term,
            Command::ConfirmClock => Self::Clock,
            Command::Backup(_) => Self::Backup,
            Command::VerifyAudit { .. } => Self::Audit,
            Command::ExportAudit { .. } => Self::AuditExport,
            Command::Examine | Command::Prove { .. } => Self::Findings,
        }
    }

    pub(super) fn text(self, answer: &Value) -> String {
        let id = word(answer, "/id");
        match self {
            Self::NewWorkspace => format!("The workspace was created: {id}"),
            Self::Workspaces => workspaces(answer),
            Self::NewMember { with_password: true } => format!("The member was added: {id}"),
            Self::NewMember { with_password: false } => {
                format!("The member was added: {id}\nWithout a password they cannot sign in yet.")
            }
            Self::SecondFactor => format!("{id} signs in with the password alone from now on."),
            Self::NewToken => {
                format!("The token {id} is shown this once. Keep it like a password:\n{}", word(answer, "/token"))
            }
            Self::Erasure => erasure(answer),
            Self::Export => exported(answer),
            Self::Rotations => list(answer, "/data").map(rotation).collect::<Vec<_>>().join("\n"),
            Self::Root => root(answer),
            Self::Installation => "The key above the installation's own keys is another one now.".to_owned(),
            Self::KeyStatus => key_status(answer),
            Self::Term => format!("The term of {} holds from now on.", word(answer, "/category")),
            Self::Clock => format!("The clock is believed: it is {}. Sweeps go on.", word(answer, "/noted_at")),
            Self::Backup => backup::taken_text(answer),
            Self::Audit => audit::text(answer),
            Self::AuditExport => format!(
                "{} entries are in {}. Keep this key apart from them, to verify them by:\n{}",
                number(answer, "/entries"),
                word(answer, "/to"),
                word(answer, "/key")
            ),
            Self::Findings => answer.to_string(),
        }
    }
}

pub(super) fn word<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn workspaces(answer: &Value) -> String {
    let line = |one: &Value| format!("{}  {}  {}", word(one, "/id"), word(one, "/region"), word(one, "/name"));
    let lines: Vec<_> = list(answer, "/data").map(line).collect();
    if lines.is_empty() {
        return "There is no workspace yet: parloir workspace create --name NAME".to_owned();
    }
    lines.join("\n")
}

fn erasure(answer: &Value) -> String {
    let state = match word(answer, "/state") {
        "done" => "The contact is erased.",
        "remote" => "The contact is erased here. Providers are still being asked; the server goes on with it.",
        _ => "The contact's content cannot be read any more. The server goes on removing what is left.",
    };
    let mut lines = vec![format!("{state} Erasure {}", word(answer, "/id"))];
    let removed = answer.pointer("/erased").and_then(Value::as_object).into_iter().flatten();
    lines.extend(removed.map(|(table, rows)| format!("  removed   {rows} rows of {table}")));
    lines.extend(
        list(answer, "/remote").map(|one| format!("  provider  {}: {}", word(one, "/system"), word(one, "/state"))),
    );
    lines.extend(list(answer, "/kept").map(kept));
    lines.join("\n")
}

fn exported(answer: &Value) -> String {
    let rows = answer.pointer("/rows").and_then(Value::as_object).into_iter().flatten();
    let rows: i64 = rows.filter_map(|(_, rows)| rows.as_i64()).sum();
    let (files, bytes) = (number(answer, "/files"), number(answer, "/bytes"));
    let mut text = format!("{rows} rows and {files} files are in {} ({bytes} bytes).", word(answer, "/file"));
    let missing = number(answer, "/missing_files");
    if missing > 0 {
        text = format!("{text}\n{missing} files are known and cannot be read any more.");
    }
    text + "\nIt is not encrypted: keep it as what is in it."
}

fn rotation(one: &Value) -> String {
    let contact = word(one, "/contact_id");
    let whose = if contact.is_empty() { String::new() } else { format!(" of {contact}") };
    let cells = number(one, "/cells");
    let state = match word(one, "/state") {
        "done" => format!("{cells} values sealed anew, the old key is destroyed"),
        state => format!("{cells} values sealed anew so far ({state}); the server goes on with it"),
    };
    format!("{}  {}{whose}: {state}", word(one, "/id"), word(one, "/what"))
}

fn root(answer: &Value) -> String {
    let (moved, keys) = (number(answer, "/moved"), number(answer, "/keys"));
    format!("{moved} of {keys} keys are under the next root key.\n{}", word(answer, "/then"))
}

fn key_status(answer: &Value) -> String {
    let (moved, keys) = (number(answer, "/root_key/moved"), number(answer, "/root_key/keys"));
    let next = answer.pointer("/root_key/next_is_named").and_then(Value::as_bool).unwrap_or_default();
    let which = if next { "the next root key" } else { "the root key" };
    let mut lines = vec![format!("{moved} of {keys} keys are under {which}")];
    for workspace in list(answer, "/workspaces") {
        lines.push(word(workspace, "/id").to_owned());
        lines.extend(list(workspace, "/rotations").map(|one| format!("  {}", rotation(one))));
    }
    lines.join("\n")
}

fn number(value: &Value, pointer: &str) -> i64 {
    value.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

fn kept(one: &Value) -> String {
    let until = one.pointer("/until").and_then(Value::as_str).map(|until| format!(", until {until}"));
    format!("  kept      {}: {}{}", word(one, "/what"), word(one, "/ground"), until.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_told_in_words() {
        let token = Shown::NewToken.text(&json!({ "id": "tok_1", "token": "plr_x" }));
        assert_eq!(token, "The token tok_1 is shown this once. Keep it like a password:\nplr_x");
        assert!(Shown::Workspaces.text(&json!({ "data": [] })).contains("workspace create"));
        let one = json!({ "data": [{ "id": "wsp_1", "region": "eu", "name": "Konditorei" }] });
        assert_eq!(Shown::Workspaces.text(&one), "wsp_1  eu  Konditorei");
    }

    #[test]
    fn an_export_tells_where_it_is_and_what_is_missing() {
        let answer = json!({ "file": "/x.zip", "bytes": 9, "rows": { "messages": 3, "drafts": 1 }, "files": 2, "missing_files": 1 });
        let expected = "4 rows and 2 files are in /x.zip (9 bytes).\n1 files are known and cannot be read any more.\n\
                        It is not encrypted: keep it as what is in it.";
        assert_eq!(Shown::Export.text(&answer), expected);
    }

    #[test]
    fn an_erasure_tells_what_went_and_what_stays() {
        let answer = json!({
            "id": "era_1", "state": "done", "erased": { "messages": 3 },
            "remote": [{ "system": "pigeon", "state": "gone" }],
            "kept": [{ "what": "audit", "ground": "law", "until": null }],
        });
        let expected = "The contact is erased. Erasure era_1\n  removed   3 rows of messages\n  \
                        provider  pigeon: gone\n  kept      audit: law";
        assert_eq!(Shown::Erasure.text(&answer), expected);
    }
}
