//! What a hold covers, asked once for one contact or conversation, and as the text of a predicate for many rows.

use std::sync::LazyLock;

use super::GROUND;
use crate::statement::{Reach, Statement};
use crate::value::params;
use crate::{ContactId, ConversationId, Error, HoldId, Millis, Result, Tx};

/// A hold that covers something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covering {
    /// Which.
    pub hold: HoldId,
    /// When it ends by itself.
    pub ends_at: Option<Millis>,
}

/// The text of a predicate that is true for a row which a standing hold covers. `contact` and `conversation` are the SQL
/// expressions of the row's own, qualified by its table's alias and not beginning with `lh_`; `moment` is the parameter that is bound
/// to the present moment. A row of a contact that names no conversation is covered by a hold on any of its conversations, too.
pub(crate) fn held(contact: Option<&str>, conversation: Option<&str>, moment: &str) -> String {
    format!("EXISTS (SELECT 1 FROM legal_holds lh_h WHERE {})", covering(contact, conversation, moment))
}

fn covering(contact: Option<&str>, conversation: Option<&str>, moment: &str) -> String {
    let mut subjects = vec!["lh_h.subject = $1".to_owned()];
    if let Some(contact) = contact {
        subjects.push(of_family("contacts lh_s", "lh_s.id = lh_h.subject", "lh_s", contact));
    }
    if let Some(conversation) = conversation {
        subjects.push(format!("lh_h.subject = {conversation}"));
    }
    match (contact, conversation) {
        (Some(contact), None) => {
            let owner = "JOIN contacts lh_s ON lh_s.workspace_id = $1 AND lh_s.id =";
            let conversations = format!("conversations lh_v {owner} lh_v.contact_id");
            subjects.push(of_family(
                &conversations,
                "lh_v.workspace_id = $1 AND lh_v.id = lh_h.subject",
                "lh_s",
                contact,
            ));
            // Whoever wrote in it, where several share one.
            let messages = format!("messages lh_m {owner} lh_m.contact_id");
            let said = "lh_m.workspace_id = $1 AND lh_m.conversation_id = lh_h.subject";
            subjects.push(of_family(&messages, said, "lh_s", contact));
        }
        (None, Some(conversation)) => {
            let whose = format!(
                "(SELECT lh_v.contact_id FROM conversations lh_v WHERE lh_v.workspace_id = $1 AND lh_v.id = {conversation})"
            );
            subjects.push(of_family("contacts lh_s", "lh_s.id = lh_h.subject", "lh_s", &whose));
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    format!(
        "lh_h.workspace_id = $1 AND lh_h.lifted_at IS NULL AND (lh_h.ends_at IS NULL OR lh_h.ends_at > {moment}) AND ({})",
        subjects.join(" OR ")
    )
}

/// Whether a contact of `from` (by the alias `one`) is one with `contact`.
fn of_family(from: &str, condition: &str, one: &str, contact: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM {from} JOIN contacts lh_c ON lh_c.workspace_id = $1 AND lh_c.id = {contact} \
         WHERE {one}.workspace_id = $1 AND {condition} \
         AND COALESCE({one}.merged_into, {one}.id) = COALESCE(lh_c.merged_into, lh_c.id))"
    )
}

static OF_CONTACT: LazyLock<Statement> = LazyLock::new(|| asking(&covering(Some("$2"), None, "$3")));
static OF_CONVERSATION: LazyLock<Statement> = LazyLock::new(|| asking(&covering(None, Some("$2"), "$3")));

fn asking(condition: &str) -> Statement {
    let text = format!(
        "SELECT lh_h.id, lh_h.ends_at FROM legal_holds lh_h WHERE {condition} ORDER BY lh_h.set_at, lh_h.id LIMIT 100"
    );
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
}

/// The statements of this file, for the tests that prepare every one.
#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = &'static Statement> {
    [&*OF_CONTACT, &*OF_CONVERSATION].into_iter()
}

/// The holds that stand against erasing a contact: on it or on who is one with it, on a conversation in which any of them is,
/// or on the workspace. The oldest first.
pub fn of_contact(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Covering>> {
    tx.all(&OF_CONTACT, params![contact, tx.now()], |row| Ok(Covering { hold: row.get(0)?, ends_at: row.get(1)? }))
}

/// Whether any hold covers something of a contact.
pub fn covers_contact(tx: &Tx<'_>, contact: ContactId) -> Result<bool> {
    Ok(!of_contact(tx, contact)?.is_empty())
}

/// Whether a hold covers what is said in a conversation.
pub fn covers_conversation(tx: &Tx<'_>, conversation: ConversationId) -> Result<bool> {
    let found = tx.maybe(&OF_CONVERSATION, params![conversation, tx.now()], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Fails if a hold covers anything of a contact: to be asked in the transaction in which all of it would go.
///
/// # Errors
/// `legal_hold`.
pub fn require_free(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    match of_contact(tx, contact)?.first() {
        None => Ok(()),
        Some(covering) => Err(refusal(*covering)),
    }
}

/// Fails if a hold covers what is said in a conversation.
///
/// # Errors
/// `legal_hold`.
pub fn require_free_conversation(tx: &Tx<'_>, conversation: ConversationId) -> Result<()> {
    match tx.maybe(&OF_CONVERSATION, params![conversation, tx.now()], |row| {
        Ok(Covering { hold: row.get(0)?, ends_at: row.get(1)? })
    })? {
        None => Ok(()),
        Some(covering) => Err(refusal(covering)),
    }
}

fn refusal(covering: Covering) -> Error {
    let Covering { hold, .. } = covering;
    Error::conflict("legal_hold", format!("The legal hold {hold} forbids removing this: {GROUND}."))
}
