//! Messages and attachments as callers see them.

use serde::Serialize;
use utoipa::ToSchema;
use vault::attachments::Attachment;
use vault::messages::{Body, Direction, Message};
use vault::{AttachmentId, Personal, Tx, requests};

use super::time;

/// A message.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about a message")]
pub struct MessageView {
    pub id: String,
    pub conversation_id: String,
    /// Place in the conversation's order.
    pub seq: i64,
    /// `incoming`, `outgoing` or `note`.
    pub direction: String,
    pub author: AuthorView,
    pub text: Option<String>,
    /// What a mail is about.
    pub subject: Option<String>,
    /// What a mail carries below its writer's words: the signature, and what it quotes.
    pub below: Option<String>,
    /// A machine wrote it (an absence note, a receipt): nobody waits for an answer to it.
    pub automatic: bool,
    /// The mail server that received it found that it does not come from where it says, or could not tell: whoever wrote it may be
    /// somebody else.
    pub doubtful_sender: bool,
    /// The contact seems to ask something of their data in it: the `kind` of request that could be recorded (`POST /requests`). Null once
    /// that was done.
    pub asks: Option<String>,
    /// Whether it came formatted: `GET /messages/{id}/html` shows that, in a sandbox.
    pub has_html: bool,
    pub attachments: Vec<AttachmentView>,
    pub place: Option<PlaceView>,
    pub cards: Vec<CardView>,
    /// The data of the button that was tapped.
    pub choice: Option<String>,
    /// Rows of buttons below the message.
    pub buttons: Vec<Vec<ButtonView>>,
    /// A list to choose from, behind a button below the message.
    pub list: Option<ChoiceView>,
    /// The template it was made from; `text` is the whole of it.
    pub template: Option<TemplateUseView>,
    /// The contact passed on what somebody else wrote.
    pub forwarded: bool,
    /// What brought the contact here: an advertisement, a post, a product.
    pub origin: Option<OriginView>,
    /// The business wrote it elsewhere, in the provider's own app.
    pub elsewhere: bool,
    /// The provider's word for content that cannot be shown.
    pub unsupported: Option<String>,
    /// `received`, `queued`, `sent`, `delivered`, `read` or `failed`.
    pub state: String,
    /// Why it failed or, while it is `queued`, why it waits.
    pub failure: Option<FailureView>,
    /// What the provider charges for it, once it has said so.
    pub price: Option<PriceView>,
    /// The message it answers.
    pub reply_to: Option<String>,
    /// The text it answers, where that is no message here.
    pub quote: Option<String>,
    pub reactions: Vec<ReactionView>,
    /// Of a note: the members whom it names.
    pub mention_ids: Vec<String>,
    pub edited_at: Option<String>,
    pub removed_at: Option<String>,
    /// When it was written; for incoming ones by the provider's clock.
    pub created_at: String,
}

/// Who wrote a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorView {
    /// `contact`, `member`, `ai`, `automation` or `system`.
    pub kind: String,
    pub id: Option<String>,
    pub name: Option<String>,
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct AttachmentView {
    pub id: String,
    pub name: Option<String>,
    /// Sniffed from the bytes.
    pub content_type: String,
    pub size: i64,
    /// Where its bytes are, for whoever may read the conversation.
    pub url: String,
    /// `pending` (being fetched), `stored` or `failed`.
    pub state: String,
    pub failure: Option<String>,
    /// `image`, `audio`, `voice`, `video`, `sticker` or `file`.
    pub role: String,
}

/// Why a message failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailureView {
    pub code: String,
    pub detail: String,
}

/// In which class of price a message falls.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceView {
    /// The provider's category: `marketing`, `utility`, `authentication`, `service`, …
    pub category: String,
    /// Whether it is charged at all.
    pub billable: bool,
}

/// The template a message was made from.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateUseView {
    pub name: String,
    pub language: String,
    /// `marketing`, `utility` or `authentication`, when it was sent.
    pub category: String,
}

/// What brought a contact here.
#[derive(Debug, Serialize, ToSchema)]
pub struct OriginView {
    /// `ad`, `post` or `product`.
    pub kind: String,
    pub id: Option<String>,
    pub url: Option<String>,
    pub headline: Option<String>,
    pub text: Option<String>,
}

/// A list to choose one row from.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChoiceView {
    /// What the button says that opens it.
    pub button: String,
    /// Its parts.
    pub sections: Vec<ChoiceSectionView>,
}

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChoiceSectionView {
    pub title: String,
    pub rows: Vec<ChoiceRowView>,
}

/// A row of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChoiceRowView {
    pub label: String,
    pub data: String,
    pub description: Option<String>,
}

/// A place on earth.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    pub latitude: f64,
    pub longitude: f64,
    pub name: Option<String>,
    pub address: Option<String>,
}

/// A contact card.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardView {
    pub name: String,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
}

/// A button.
#[derive(Debug, Serialize, ToSchema)]
pub struct ButtonView {
    pub label: String,
    pub data: Option<String>,
    pub url: Option<String>,
}

/// A reaction.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReactionView {
    pub author_kind: String,
    pub author_id: String,
    pub emoji: String,
}

impl MessageView {
    /// A message as members see it. What was recorded as a request is not offered to be recorded once more.
    ///
    /// # Errors
    /// What the database says.
    pub fn shown(tx: &Tx<'_>, message: Message) -> vault::Result<Self> {
        let id = message.id;
        let mut view = Self::from(message);
        if view.asks.is_some() && requests::of_message(tx, id)?.is_some() {
            view.asks = None;
        }
        Ok(view)
    }
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        let body = message.body.map(Personal::into_revealed).unwrap_or_default();
        let Body { text, place, cards, choice, buttons, quote, unsupported, album: _, .. } = body;
        let Body { template, list, forwarded, origin, elsewhere, html, subject, below, .. } = body;
        let Body { automatic, doubtful_sender, .. } = body;
        let theirs = message.direction == Direction::Incoming && message.removed_at.is_none() && !automatic;
        let asks = text.as_deref().filter(|_| theirs).and_then(engine::requests::recognised);
        Self {
            id: message.id.to_string(),
            conversation_id: message.conversation.to_string(),
            seq: message.seq,
            direction: message.direction.as_str().to_owned(),
            author: AuthorView {
                kind: message.author.kind,
                id: message.author.id,
                name: message.author.name.map(Personal::into_revealed),
            },
            text,
            subject,
            below,
            automatic,
            doubtful_sender,
            asks: asks.map(|kind| kind.as_str().to_owned()),
            has_html: html.is_some(),
            attachments: message.attachments.into_iter().map(Into::into).collect(),
            place: place.map(|place| PlaceView {
                latitude: place.latitude,
                longitude: place.longitude,
                name: place.name,
                address: place.address,
            }),
            cards: cards
                .into_iter()
                .map(|card| CardView { name: card.name, phones: card.phones, emails: card.emails })
                .collect(),
            choice,
            buttons: buttons.into_iter().map(|row| row.into_iter().map(Into::into).collect()).collect(),
            list: list.map(Into::into),
            template: template.map(Into::into),
            forwarded,
            origin: origin.map(Into::into),
            elsewhere,
            unsupported,
            state: message.state.as_str().to_owned(),
            failure: message.failure.map(|(code, detail)| FailureView { code, detail: detail.into_revealed() }),
            price: message.price.map(|price| PriceView { category: price.category, billable: price.billable }),
            reply_to: message.reply_to.map(|id| id.to_string()),
            quote,
            reactions: message
                .reactions
                .into_iter()
                .map(|reaction| ReactionView {
                    author_kind: reaction.author_kind,
                    author_id: reaction.author_id,
                    emoji: reaction.emoji.into_revealed(),
                })
                .collect(),
            mention_ids: message.mentions.iter().map(ToString::to_string).collect(),
            edited_at: message.edited_at.map(time),
            removed_at: message.removed_at.map(time),
            created_at: time(message.written_at),
        }
    }
}

impl From<vault::messages::TemplateUse> for TemplateUseView {
    fn from(used: vault::messages::TemplateUse) -> Self {
        Self { name: used.name, language: used.language, category: used.category }
    }
}

impl From<vault::messages::Origin> for OriginView {
    fn from(origin: vault::messages::Origin) -> Self {
        let vault::messages::Origin { kind, id, url, headline, text } = origin;
        Self { kind, id, url, headline, text }
    }
}

impl From<vault::messages::List> for ChoiceView {
    fn from(list: vault::messages::List) -> Self {
        let row = |row: vault::messages::Row| ChoiceRowView {
            label: row.label,
            data: row.data,
            description: row.description,
        };
        let section = |section: vault::messages::Section| ChoiceSectionView {
            title: section.title,
            rows: section.rows.into_iter().map(row).collect(),
        };
        Self { button: list.open, sections: list.sections.into_iter().map(section).collect() }
    }
}

impl From<vault::messages::Button> for ButtonView {
    fn from(button: vault::messages::Button) -> Self {
        Self { label: button.label, data: button.data, url: button.url }
    }
}

impl From<Attachment> for AttachmentView {
    fn from(attachment: Attachment) -> Self {
        Self {
            id: attachment.id.to_string(),
            name: attachment.name.map(Personal::into_revealed),
            content_type: attachment.content_type,
            size: attachment.size,
            url: attachment_url(attachment.id),
            state: attachment.state,
            failure: attachment.failure,
            role: attachment.role,
        }
    }
}

/// Where an attachment's bytes are.
fn attachment_url(id: AttachmentId) -> String {
    format!("/api/v1/attachments/{id}/content")
}
