//! Files on their way from an upload or a provider to a message, and away again.

use super::*;
use crate::messages::Direction;
use crate::testing::house::{House, code, say};
use crate::{Scope, erase};

struct Shown {
    house: House,
    scope: Scope,
    channel: ChannelId,
    contact: ContactId,
    message: MessageId,
}

async fn shown() -> Shown {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, conversation) = house.contact(&scope, channel, "t").await;
    let message = house.does(&scope, move |tx| say(tx, conversation, Direction::Incoming, "look")).await;
    Shown { house, scope, channel, contact, message }
}

fn stored() -> Stored {
    Stored { size: 3, content_type: "image/png".into(), key: [7; 32].into() }
}

impl Shown {
    async fn uploads(&self) -> AttachmentId {
        let upload = |tx: &Tx<'_>| {
            let id = tx.id();
            uploaded(tx, id, &Personal::new("bill.png".into()), &stored()).map(|()| id)
        };
        self.house.does(&self.scope, upload).await
    }

    async fn expects(&self, role: &'static str) -> AttachmentId {
        self.expects_from("where".into(), role).await
    }

    async fn expects_from(&self, locator: String, role: &'static str) -> AttachmentId {
        let (message, contact, channel) = (self.message, self.contact, self.channel);
        let name = Some(Personal::new("photo.jpg".into()));
        let locator = Personal::new(locator);
        let remote = Remote { message, contact, channel, position: 0, role: role.into(), name, locator };
        self.house.does(&self.scope, move |tx| expect(tx, &remote)).await
    }

    /// Which files are to be removed, by their jobs.
    async fn dropped(&self) -> Vec<String> {
        let jobs = self.house.vault.claim_jobs(100, 1_000).await.unwrap();
        jobs.into_iter().filter(|job| job.kind == JobKind::DropFile).map(|job| job.subject).collect()
    }

    async fn view(&self, id: AttachmentId) -> Attachment {
        self.house.sees(&self.scope, move |tx| view(tx, id)).await
    }

    async fn key(&self, id: AttachmentId) -> Option<[u8; 32]> {
        self.house.sees(&self.scope, move |tx| file_key(tx, id)).await.map(|key| *key)
    }

    async fn attaches(&self, id: AttachmentId) -> Result<()> {
        let (message, contact, channel) = (self.message, self.contact, self.channel);
        self.house.vault.write(&self.scope, move |tx| attach(tx, id, message, contact, channel, 0)).await
    }

    /// Which keys the file's name and its own key are sealed under.
    async fn sealed_under(&self, id: AttachmentId) -> Vec<crate::id::KeyId> {
        let read = move |tx: &Tx<'_>| {
            let cells = tx.maybe(
                sql!("SELECT name_sealed, file_key_sealed FROM attachments WHERE workspace_id = $1 AND id = $2"),
                params![id],
                |row| Ok([row.get::<Vec<u8>>(0)?, row.get::<Vec<u8>>(1)?]),
            )?;
            cells.into_iter().flatten().map(|cell| tx.keys.key_of(&cell)).collect::<Result<Vec<_>>>()
        };
        self.house.sees(&self.scope, read).await
    }
}

#[tokio::test]
async fn an_upload_becomes_the_contacts_when_a_message_has_it() {
    let shown = shown().await;
    let id = shown.uploads().await;
    let (content, _) =
        shown.house.vault.keys().newest_key(shown.scope.workspace(), crate::keys::Family::Content).unwrap();
    assert_eq!(shown.sealed_under(id).await, [content, content]);
    shown.attaches(id).await.unwrap();
    let under = shown.sealed_under(id).await;
    assert!(under[0] == under[1] && under[0] != content, "sealed anew, name and key");
    let seen = shown.view(id).await;
    assert_eq!((seen.message, seen.role.as_str()), (Some(shown.message), "image"));
    assert_eq!(seen.name, Some(Personal::new("bill.png".into())));
    assert_eq!(shown.key(id).await, Some([7; 32]));
    assert_eq!(code(shown.attaches(id).await), "attachment_used");
}

#[tokio::test]
async fn what_a_provider_has_is_fetched_once() {
    let shown = shown().await;
    let id = shown.expects("voice").await;
    let waiting = shown.view(id).await;
    assert_eq!((waiting.state.as_str(), waiting.role.as_str()), ("pending", "voice"));
    let at = shown.house.sees(&shown.scope, move |tx| locator(tx, id)).await;
    assert_eq!(at, Some(Personal::new("where".into())));
    let jobs = shown.house.vault.claim_outside(10, 1_000).await.unwrap();
    assert!(jobs.iter().any(|job| job.kind == JobKind::FetchFile && job.subject == id.to_string()));
    assert_eq!(shown.key(id).await, None, "there are no bytes yet");

    shown.house.does(&shown.scope, move |tx| fetched(tx, id, &stored())).await;
    let here = shown.view(id).await;
    assert_eq!((here.state.as_str(), here.content_type.as_str(), here.size), ("stored", "image/png", 3));
    assert_eq!(shown.key(id).await, Some([7; 32]));
    assert_eq!(shown.house.sees(&shown.scope, move |tx| locator(tx, id)).await, None);
}

#[tokio::test]
async fn what_cannot_be_fetched_says_why_and_a_strange_role_is_a_file() {
    let shown = shown().await;
    let id = shown.expects("hologram").await;
    shown.house.does(&shown.scope, move |tx| failed(tx, id, "too_large")).await;
    let seen = shown.view(id).await;
    assert_eq!(
        (seen.state.as_str(), seen.failure.as_deref(), seen.role.as_str()),
        ("failed", Some("too_large"), "file")
    );
    assert_eq!(shown.house.sees(&shown.scope, move |tx| locator(tx, id)).await, None);
}

#[tokio::test]
async fn a_removed_messages_files_go_with_a_job_each() {
    let shown = shown().await;
    let (id, message) = (shown.expects("image").await, shown.message);
    shown.house.does(&shown.scope, move |tx| crate::messages::remove(tx, message, 1)).await;
    assert!(shown.house.sees(&shown.scope, move |tx| of(tx, message)).await.is_empty());
    let jobs = shown.house.vault.claim_jobs(10, 1_000).await.unwrap();
    assert!(jobs.iter().any(|job| job.kind == JobKind::DropFile && job.subject == id.to_string()));
}

#[tokio::test]
async fn an_erased_contacts_files_have_no_key() {
    let shown = shown().await;
    let (file, other) = (shown.uploads().await, shown.uploads().await);
    let expected = shown.expects("image").await;
    shown.attaches(file).await.unwrap();
    let contact = shown.contact;
    shown.house.does(&shown.scope, move |tx| erase::begin(tx, contact)).await;
    assert_eq!(shown.key(file).await, None);
    assert_eq!(shown.house.sees(&shown.scope, move |tx| locator(tx, expected)).await, None);
    assert_eq!(shown.key(other).await, Some([7; 32]), "an upload that nobody has is the workspace's");
}

#[tokio::test]
async fn files_have_the_order_in_which_they_were_put() {
    let shown = shown().await;
    let (message, contact, channel) = (shown.message, shown.contact, shown.channel);
    let (first, second) = (shown.uploads().await, shown.uploads().await);
    for (id, position) in [(second, 1), (first, 0)] {
        shown.house.does(&shown.scope, move |tx| attach(tx, id, message, contact, channel, position)).await;
    }
    let seen = shown.house.sees(&shown.scope, move |tx| of(tx, message)).await;
    assert_eq!(seen.into_iter().map(|file| file.id).collect::<Vec<_>>(), [first, second]);
}

#[tokio::test]
async fn an_upload_without_a_message_goes_after_a_day() {
    let shown = shown().await;
    let (kept, forgotten) = (shown.uploads().await, shown.uploads().await);
    shown.attaches(kept).await.unwrap();
    shown.house.clock.advance(24 * 3_600_000);
    let young = shown.uploads().await;
    shown.house.vault.sweep().await.unwrap();
    assert!(shown.dropped().await.is_empty(), "the day is not over");
    shown.house.clock.advance(1);
    shown.house.vault.sweep().await.unwrap();
    assert_eq!(shown.dropped().await, [forgotten.to_string()]);
    assert_eq!(shown.key(forgotten).await, None);
    assert!(shown.key(kept).await.is_some() && shown.key(young).await.is_some());
}

#[tokio::test]
async fn an_erased_contacts_uploads_go_although_no_message_has_them_yet() {
    let shown = shown().await;
    let (sent, of_a_member, used) = (shown.uploads().await, shown.uploads().await, shown.uploads().await);
    shown.attaches(used).await.unwrap();
    for upload in [sent, used] {
        shown.expects_from(format!(r#"{{"locator":"{upload}","role":"image"}}"#), "image").await;
    }
    let contact = shown.contact;
    shown.house.does(&shown.scope, move |tx| erase::begin(tx, contact)).await;
    assert_eq!(shown.dropped().await, [sent.to_string()]);
    assert_eq!(shown.key(sent).await, None);
    assert!(shown.key(of_a_member).await.is_some());
}

#[tokio::test]
async fn what_is_sent_later_keeps_its_file() {
    let shown = shown().await;
    let (contact, channel, file) = (shown.contact, shown.channel, shown.uploads().await);
    let holds = async |holder: String| {
        shown.house.vault.write(&shown.scope, move |tx| hold(tx, &[file], &holder, (contact, channel))).await
    };
    let (draft, later, other) = shown
        .house
        .does(&shown.scope, |tx| {
            let (draft, later, other): (crate::DraftId, crate::ScheduledId, crate::ScheduledId) =
                (tx.id(), tx.id(), tx.id());
            Ok::<_, Error>((draft.to_string(), later.to_string(), other.to_string()))
        })
        .await;
    holds(draft.clone()).await.unwrap();
    holds(later.clone()).await.unwrap();
    let sealed = shown.sealed_under(file).await;
    assert_eq!(code(holds(draft).await), "attachment_used");
    assert_eq!(code(holds(other).await), "attachment_used");
    assert_eq!(code(shown.house.vault.write(&shown.scope, move |tx| unwanted(tx, file)).await), "attachment_used");
    assert_eq!(shown.sealed_under(file).await, sealed, "nor is it sealed for anybody else");
    holds(later).await.unwrap();
    shown.attaches(file).await.unwrap();
}

#[tokio::test]
async fn whoever_fetches_a_file_seals_it_under_the_same_key() {
    let shown = shown().await;
    let file = shown.expects("image").await;
    let asks = async || shown.house.does(&shown.scope, move |tx| key_for(tx, file)).await;
    let (slow, quick) = (asks().await, asks().await);
    assert_eq!(slow, quick);
    shown.house.does(&shown.scope, move |tx| fetched(tx, file, &Stored { key: quick.clone(), ..stored() })).await;
    assert_eq!(shown.key(file).await, Some(*slow), "what the slow one writes now can be opened");
}

#[tokio::test]
async fn what_was_found_in_a_file_goes_with_it() {
    let shown = shown().await;
    let file = shown.uploads().await;
    let codes = |tx: &Tx<'_>, id| found(tx, id).map(|codes| codes.map(|codes| codes.reveal().clone()));
    assert_eq!(shown.house.sees(&shown.scope, move |tx| codes(tx, file)).await, None);
    shown.house.does(&shown.scope, move |tx| note_found(tx, file, &Personal::new("card_number".into()))).await;
    let (message, contact, channel) = (shown.message, shown.contact, shown.channel);
    shown.house.does(&shown.scope, move |tx| attach(tx, file, message, contact, channel, 0)).await;
    assert_eq!(shown.house.sees(&shown.scope, move |tx| codes(tx, file)).await.as_deref(), Some("card_number"));
}
