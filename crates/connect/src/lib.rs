//! Every outside system as pure functions: verify a request, read it as events, build the next call, read its reply.
//!
//! Nothing here touches network, clock, database or workspace. A connector answers "given the replies so far,
//! what is next?" ([`Step`]); the server owns the loop. What a connector must do is written down once, in
//! [`Connector`], and executed over all of them by the contract test.

mod account;
mod call;
pub mod calls;
pub mod channels;
mod connector;
mod destination;
mod event;
pub mod forbidden;
pub mod health;
mod heard;
mod hosts;
pub mod identity;
mod json;
mod mail;
pub mod oauth;
pub mod offered;
mod outgoing;
pub mod payment_card;
pub mod placeholders;
mod profile;
mod secret;
pub mod sms;
mod spec;
pub mod standard_webhooks;
mod template;
mod watch;

pub use account::{Account, Ctx};
pub use call::{
    BlobHandle, Body, Call, Cut, Dkim, FetchedMail, Header, HttpCall, ImapAct, ImapCall, MailEncoding, MailPart,
    MailPiece, MailReply, MailServer, MailTls, Method, Part, PartContent, Reply, SmtpCall, Span, TheirMails, Withheld,
    Withholding,
};
pub use connector::{Answer, Connector, Polled, Raw, Reject, Step, Verified};
pub use destination::HOOK_MOVED;
pub use event::{
    AccountNews, Card, Choice, Echo, Event, IdentityKind, Inbound, Origin, Person, PersonIdentity, Place, Price, Proof,
    Quote, RemoteFile, Says, StatusChange, TemplateChange,
};
pub use json::{clean, lenient};
pub use outgoing::{
    Answering, Authorized, Button, Content, Erased, OutFile, Outgoing, Receipt, Recipient, Row, Section, SendError,
    Trace,
};
pub use profile::Profile;
pub use secret::Secret;
pub use spec::{Capability, Entered, Field, FieldKind, Forbids, Limits, Spec};
pub use template::{
    Fault, Template, TemplateButton, TemplateButtonUse, TemplateCategory, TemplateDraft, TemplateDraftButton,
    TemplateHeader, TemplateStatus, TemplateUse,
};
pub use watch::{Hint, Watch};
