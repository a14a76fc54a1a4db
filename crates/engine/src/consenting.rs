//! A consent is recorded by a member or another system: a soft opt-in only where messages are e-mails (MK-2), which the connectors'
//! Specs say.

use vault::consents::{self, Ground, NewConsent};
use vault::{ConsentId, Tx, audit, merges};

use crate::{Error, Result, gate};

/// Records a consent, in the name of whoever the contact stands for.
///
/// # Errors
/// [`Error::Invalid`] for a soft opt-in elsewhere than by e-mail, and as [`consents::give`].
pub fn give(tx: &Tx<'_>, new: &NewConsent) -> Result<ConsentId> {
    let soft = Ground::of(&new.ground) == Some(Ground::SoftOptIn);
    if soft && !connect::channels::by_kind(&new.channel).is_some_and(|found| gate::is_mail(found.spec())) {
        let words =
            "a soft opt-in is for marketing by e-mail, and for nothing else: name the kind of mailbox as channel";
        return Err(Error::invalid("ground", words));
    }
    let contact = merges::standing(tx, new.contact)?;
    let id = consents::give(tx, &NewConsent { contact, ..new.clone() })?;
    audit::record(tx, "consent.given", &id.to_string())?;
    Ok(id)
}
