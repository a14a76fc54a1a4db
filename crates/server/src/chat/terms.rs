//! Whether whoever speaks in a chat has said what its channel asks of them, at each message: texts and ages change, and what
//! was agreed to can be taken back.

use connect::channels::web::{self, Look, Visitor};
use connect::{Account, Raw};
use vault::channels::{AdmittedHook, ChannelAccount};

use crate::app::Shared;
use crate::problem::{ApiError, Code};

/// Refuses what a visitor says without being of age, or without agreeing to the text as it is now, where the channel asks for
/// it. The request was verified before; of other kinds of channels nothing is asked.
pub async fn kept(app: &Shared, hook: &AdmittedHook, raw: &Raw) -> Result<(), ApiError> {
    if !web::serves(&hook.kind) || !web::says_something(&raw.body) {
        return Ok(());
    }
    let look = web::look(&account(app, &hook.account));
    if look.minimum_age.is_none() && look.consent.is_none() {
        return Ok(());
    }
    let visitor = visitor(app, hook, raw).ok_or_else(ApiError::unauthorised)?;
    if let Some(years) = look.age_unsaid_by(&visitor) {
        return Err(underage(years));
    }
    agreed(app, hook, &look, &visitor).await
}

/// What is answered to whoever has not said to be old enough.
pub(super) fn underage(years: u8) -> ApiError {
    ApiError::new(Code::AgeRequired, format!("Open a session with `\"of_age\": true` for who is {years} or older."))
}

async fn agreed(app: &Shared, hook: &AdmittedHook, look: &Look, visitor: &Visitor) -> Result<(), ApiError> {
    let Some(consent) = &look.consent else { return Ok(()) };
    let (channel, person, version) = (hook.channel, web::somebody(visitor), consent.version.clone());
    let stands = move |tx: &vault::Tx<'_>| engine::agree::stands(tx, channel, &person, &version);
    if app.vault.read(&hook.scope, stands).await? {
        return Ok(());
    }
    let words = "Show the text of the look, and name its version at `consent` when they have agreed.";
    Err(ApiError::new(Code::ConsentRequired, words))
}

/// Who holds the session, also if it was signed by a secret that is still accepted.
fn visitor(app: &Shared, hook: &AdmittedHook, raw: &Raw) -> Option<Visitor> {
    let token = raw.header("authorization")?.strip_prefix("Bearer ")?;
    let read = |kept: &ChannelAccount| web::read(&app.ctx(), &account(app, kept), token);
    read(&hook.account).or_else(|| hook.account.earlier(app.now()).iter().find_map(read))
}

fn account(app: &Shared, kept: &ChannelAccount) -> Account {
    let spec = connect::channels::by_kind(&kept.kind).map(connect::Connector::spec);
    spec.map(|spec| app.account(kept, spec)).unwrap_or_default()
}
