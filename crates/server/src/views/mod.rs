//! What callers see: the vault's rows as the API's JSON. The only files, besides exports, that reveal personal data.

mod channel;
mod contact;
mod conversation;
mod doors;
mod hold;
mod member;
mod message;
mod receipt;
mod request;
mod sharing;
mod site;
mod template;
mod work;
mod workplace;

pub use channel::{CHOICES, ChannelView, KindView, choices_text};
pub use contact::{ConsentView, ContactView, IdentityView, MergeView, ObjectionView, RestrictionView};
pub use conversation::ConversationView;
pub use doors::{
    DeliveryView, NewFactorView, NewWebhookView, PushKeyView, PushSubscriptionView, RecoveryCodesView, WebhookView,
};
pub use hold::HoldView;
pub use member::{MemberView, TokenView};
pub use message::{AttachmentView, MessageView};
pub use receipt::ReceiptView;
pub use request::RequestView;
pub use sharing::{SharingView, VERSION as SHARING_WORDS};
pub use site::{CookieView, SiteReportView, SiteView};
pub use template::TemplateView;
pub use work::{CountsView, DraftView, OutcomeView, OwnDraftView, ScheduledView, WhereaboutsView};
pub use workplace::{BusinessHoursView, CannedReplyView, HolidayView, LabelView, SavedViewView, TeamView, WeekView};

use serde::Serialize;
use utoipa::ToSchema;
use vault::Millis;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListView<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where the next page starts (`?cursor=`), or null.
    pub next: Option<String>,
}

impl<T> ListView<T> {
    /// From a vault's page.
    pub fn of<U>(page: vault::Page<U>, view: impl Fn(U) -> T) -> Self {
        let next = page.next.as_ref().map(vault::Cursor::encode);
        Self { data: page.data.into_iter().map(view).collect(), next }
    }

    /// A list that has no further page.
    pub fn whole(data: Vec<T>) -> Self {
        Self { data, next: None }
    }
}

/// Milliseconds since the epoch as RFC 3339 in UTC.
pub fn time(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}
