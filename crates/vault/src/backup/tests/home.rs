//! An installation in a folder, whose machine can die, and a place for its backups.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{Destination, Finished, Place, Restored, RestoredTo, Restoring, Taken, restore};
use crate::erase::{self, Progress};
use crate::messages::{self, Direction};
use crate::sign_in::SessionTerms;
use crate::statement::sql;
use crate::testing::house::{BEGIN, say};
use crate::testing::{SeededChance, StillClock};
use crate::value::params;
use crate::{
    ChannelId, Clock, ContactId, ConversationId, EnvRootKey, Error, MessageId, Millis, Opening, Personal, Result,
    Scope, Tx, Vault, indexing,
};

/// What is read of a contact: the texts, in their order.
pub(super) type Texts = BTreeMap<ContactId, Vec<String>>;

pub(super) struct Home {
    pub(super) folder: tempfile::TempDir,
    pub(super) clock: Arc<StillClock>,
    pub(super) root: String,
    pub(super) keep_days: u32,
    lives: u64,
    vault: Option<Vault>,
    pub(super) scope: Scope,
    channel: ChannelId,
}

impl Home {
    /// An installation with a workspace and a channel.
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, root) = (Arc::new(StillClock::at(BEGIN)), "5".repeat(64));
        let vault = open(&folder.path().join("data-1"), &clock, &root, 1).unwrap();
        let workspace = vault.create_workspace("eu", Personal::new("Nord".into())).await.unwrap();
        let scope = vault.operator_scope(workspace).await.unwrap();
        let channel = vault.read(&scope, |tx| Ok::<_, Error>(tx.id())).await.unwrap();
        Self { folder, clock, root, keep_days: 30, lives: 1, vault: Some(vault), scope, channel }
    }

    pub(super) fn vault(&self) -> &Vault {
        self.vault.as_ref().unwrap()
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.path().join(format!("data-{}", self.lives))
    }

    pub(super) fn place(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    /// Some time passes.
    pub(super) fn pass(&self) -> Millis {
        self.clock.advance(1_000);
        self.clock.now()
    }

    pub(super) async fn meet(&self) -> ContactId {
        let channel = self.channel;
        let meet = move |tx: &Tx<'_>| {
            let contact = crate::contacts::create(tx, &crate::contacts::Profile::default())?;
            let thread = contact.to_string();
            crate::conversations::of_thread(tx, channel, contact, &thread)?;
            Ok::<_, Error>(contact)
        };
        self.vault().write(&self.scope, meet).await.unwrap()
    }

    pub(super) async fn says(&self, contact: ContactId, text: String) {
        let find = sql!("SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2");
        let say = move |tx: &Tx<'_>| {
            let thread = tx.maybe(find, params![contact], |row| row.get::<ConversationId>(0))?;
            match thread {
                Some(thread) => say(tx, thread, Direction::Incoming, &text).map(|_| ()),
                None => Err(Error::NotFound("conversation")),
            }
        };
        self.vault().write(&self.scope, say).await.unwrap();
    }

    /// Erases a contact; to the end, or the program dies before.
    pub(super) async fn erases(&self, contact: ContactId, whole: bool) {
        let begin = move |tx: &Tx<'_>| erase::begin(tx, contact);
        let id = self.vault().write(&self.scope, begin).await.unwrap();
        if whole {
            self.vault().write(&self.scope, move |tx| indexing::forgotten(tx, contact)).await.unwrap();
            while self.vault().carry_on_erasure(&self.scope, id).await.unwrap() == Progress::Waiting {}
        }
    }

    /// What can be read of everybody.
    pub(super) async fn reads(&self) -> Texts {
        reads(self.vault(), &self.scope).await
    }

    pub(super) fn destination(&self) -> Destination {
        let place = Place::in_folder(&self.place()).unwrap();
        Destination { data: place.clone(), custody: place, keep_days: self.keep_days, whole: false }
    }

    pub(super) async fn backs_up(&self) -> Taken {
        self.vault().back_up(self.destination()).await.unwrap()
    }

    /// Stops and starts again.
    pub(super) fn restarts(&mut self) {
        self.vault = None;
        let chance = self.lives + 1_000 + u64::try_from(self.clock.now() % 1_000_000).unwrap();
        self.vault = Some(open(&self.data(), &self.clock, &self.root, chance).unwrap());
    }

    /// The machine dies and starts again: what is on its disk at this moment is all that is left.
    pub(super) fn crashes(&mut self) {
        let before = self.data();
        self.lives += 1;
        copy(&before, &self.data());
        self.restarts();
    }

    /// What would restore to a folder.
    pub(super) fn restoring(&self, at: Option<Millis>) -> Restoring {
        let place = Place::in_folder(&self.place()).unwrap();
        Restoring {
            from: place.clone(),
            custody_from: place,
            at,
            root: Arc::new(EnvRootKey::from_text(&self.root).unwrap()),
            clock: self.clock.clone(),
            chance: Arc::new(SeededChance::new(77 + self.lives)),
        }
    }

    /// The data is lost, with custody or without, and restored.
    pub(super) async fn restores(
        &mut self,
        at: Option<Millis>,
        custody_is_there: bool,
    ) -> Result<(Restored, Finished)> {
        let before = self.data();
        self.vault = None;
        self.lives += 1;
        let data = self.data();
        std::fs::create_dir(&data).unwrap();
        if custody_is_there {
            std::fs::copy(before.join("custody.db"), data.join("custody.db")).unwrap();
        }
        let restored = restore(&self.restoring(at), &to(&data))?;
        self.restarts();
        let finished = self.vault().finish_restore().await?;
        Ok((restored, finished.unwrap()))
    }

    /// Stops for good.
    pub(super) fn stops(&mut self) {
        self.vault = None;
    }
}

/// A folder to restore to.
pub(super) fn to(data: &Path) -> RestoredTo {
    RestoredTo { data: data.to_owned(), database: None, custody: None, blobs: None }
}

pub(super) fn open(data: &Path, clock: &Arc<StillClock>, root: &str, chance: u64) -> Result<Vault> {
    Vault::open(Opening {
        data: Some(data.to_owned()),
        database: None,
        custody: None,
        blobs: None,
        root: Box::new(EnvRootKey::from_text(root).unwrap()),
        clock: clock.clone(),
        chance: Arc::new(SeededChance::new(chance)),
        sessions: SessionTerms::default(),
        inline: true,
    })
}

async fn reads(vault: &Vault, scope: &Scope) -> Texts {
    let people = sql!("SELECT id FROM contacts WHERE workspace_id = $1 AND erased_at IS NULL");
    let said = sql!("SELECT id FROM messages WHERE workspace_id = $1 AND contact_id = $2 ORDER BY seq");
    let read = move |tx: &Tx<'_>| {
        let mut all = Texts::new();
        for contact in tx.all(people, params![], |row| row.get::<ContactId>(0))? {
            let ids = tx.all(said, params![contact], |row| row.get::<MessageId>(0))?;
            let texts = ids.into_iter().filter_map(|id| messages::body(tx, id).transpose());
            let texts = texts.map(|body| Ok(body?.reveal().readable().clone())).collect::<Result<Vec<_>>>()?;
            all.insert(contact, texts);
        }
        Ok::<_, Error>(all)
    };
    vault.read(scope, read).await.unwrap()
}

/// Copies a folder as it is.
pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
