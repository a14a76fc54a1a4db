//! Web chat: visitors of a website, speaking through our own widget or any other client of this protocol.
//!
//! There is no provider: the server opens a session ([`open`]), the visitor posts to the channel's hook with the
//! session's token, and what members write is shown by the visitor's stream. All secrets of the protocol are the
//! channel's own: `session_secret` signs sessions and uploads, `identity_secret` is shared with the website and proves
//! who its signed-in users are.

mod look;
mod origin;
mod parse;
mod proof;
mod session;
mod settings;

pub use look::{Asked, Consent, Look, look};
pub use origin::allowed;
pub use proof::User;
pub use session::{Opened, Visitor, mint, open, read, ticket};

use settings::FIELDS;

use crate::{
    Account, Answer, Authorized, BlobHandle, Capability, Connector, Content, Ctx, Erased, Event, Limits, Outgoing,
    Person, Raw, Receipt, Reject, RemoteFile, Reply, SendError, Spec, Step, Trace, Verified,
};

/// The web chat's connector.
#[derive(Debug)]
pub(super) struct Web;

/// Whether a channel of this kind is a web chat.
pub fn serves(kind: &str) -> bool {
    kind == SPEC.kind
}

/// Whether what a visitor posts says something, or only shows, tells or takes back what was said.
pub fn says_something(body: &[u8]) -> bool {
    parse::says_something(body)
}

/// The person behind a session whose website vouches for them, with the name and address that its proof holds.
pub fn person(visitor: &Visitor, user: &User) -> Person {
    parse::proven(&visitor.subject(), user)
}

/// Whoever holds a session, without anything that they say of themselves.
pub fn somebody(visitor: &Visitor) -> Person {
    parse::somebody(&visitor.subject())
}

/// Longest text in either direction, in characters.
const TEXT: u32 = 10_000;
/// Largest file in either direction, in bytes.
const FILE: u64 = 25 << 20;

static SPEC: Spec = Spec {
    kind: "web",
    label: "Web chat",
    help: "A chat on your own website. Name the addresses on which it may appear.",
    endpoint: None,
    base_url: "",
    fields: FIELDS,
    account_key: None,
    entered: crate::Entered::NOTHING,
    limits: Limits { text: TEXT, caption: TEXT, upload: FILE, download: FILE, ..Limits::NONE },
    capabilities: &[
        Capability::Text,
        Capability::Buttons,
        Capability::Files,
        Capability::Place,
        Capability::Card,
        Capability::Reaction,
        Capability::Edit,
        Capability::Remove,
        Capability::Typing,
        Capability::Seen,
        Capability::Quote,
        Capability::Read,
    ],
    data_received: "Nothing leaves this installation: messages are stored here and shown to the visitor.",
    processor: "The operator of this installation",
    region: "EEA",
};

impl Connector for Web {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn verify(&self, ctx: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject> {
        origin::check(raw, account)?;
        let token = raw.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        let visitor = session::read(ctx, account, token.unwrap_or_default()).ok_or(Reject::Unauthorised)?;
        if raw.method != "POST" || !raw.path.is_empty() {
            return Err(Reject::NotFound);
        }
        parse::check(&raw.body, account, &visitor.subject())?;
        Ok(Verified::speaking(raw.body.clone(), visitor.subject()))
    }

    fn answer(&self, _: &Verified) -> Answer {
        Answer::ok()
    }

    fn parse(&self, verified: &Verified) -> Vec<Event> {
        vec![parse::event(verified.subject().unwrap_or_default(), verified.body())]
    }

    /// The visitor's stream shows what is stored, so there is nothing to call.
    fn send(&self, _: &Ctx, out: &Outgoing, _: &Account, _: &[Reply]) -> Step<Receipt> {
        let Some(thread) = parse::thread_of(&out.to) else {
            return Step::Fail(refused("no_address", "The contact has no web chat. Choose another channel."));
        };
        let remotes = match &out.content {
            Content::Text { text, .. } if too_long(text) => return Step::Fail(text_too_long()),
            Content::Edit { text, .. } if too_long(text) => return Step::Fail(text_too_long()),
            Content::Files { caption: Some(caption), .. } if too_long(caption) => return Step::Fail(text_too_long()),
            Content::Text { .. } | Content::Files { .. } | Content::Place(_) | Content::Card(_) => {
                vec![out.message.clone()]
            }
            Content::Template(_) | Content::List { .. } => return Step::Fail(SendError::Unsupported),
            Content::Edit { remote, .. } => vec![remote.clone()],
            Content::Reaction { .. }
            | Content::Remove { .. }
            | Content::Typing { .. }
            | Content::Seen { .. }
            | Content::AnswerChoice { .. } => Vec::new(),
        };
        Step::Done(Receipt::Accepted { remotes, thread: Some(thread) })
    }

    /// Messages were never anywhere but here.
    fn erase(&self, _: &Ctx, _: &Trace, _: &Account, _: &[Reply]) -> Step<Erased> {
        Step::Done(Erased::Gone)
    }

    /// A visitor's file was uploaded before the message that names it.
    fn fetch(&self, _: &Ctx, file: &RemoteFile, _: &Account, _: &[Reply]) -> Step<BlobHandle> {
        Step::Done(BlobHandle(file.locator.clone()))
    }

    fn reason(&self, code: &str) -> Option<&'static str> {
        settings::reason(code)
    }

    fn authorize(&self, _: &Ctx, account: &Account, _: &[Reply]) -> Step<Authorized> {
        if let Some((code, why)) = settings::wrong(account) {
            return Step::Fail(refused(code, why));
        }
        let label = account.list("allowed_origins").next().unwrap_or("web chat").to_owned();
        Step::Done(Authorized { account: account.channel.clone(), label, learned: std::collections::BTreeMap::new() })
    }

    fn revoke(&self, _: &Ctx, _: &Account, _: &[Reply]) -> Step<()> {
        Step::Done(())
    }
}

fn too_long(text: &str) -> bool {
    text.chars().count() > TEXT as usize
}

fn text_too_long() -> SendError {
    refused("text_too_long", "The text is longer than 10000 characters. Send it in parts.")
}

fn refused(code: &str, why: &str) -> SendError {
    SendError::Refused { code: code.to_owned(), why: why.to_owned() }
}
