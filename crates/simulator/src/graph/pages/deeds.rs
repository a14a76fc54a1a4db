//! What people do with their phones, and others with an account: its owner in the inbox, another app of the business.

use serde_json::{Value, json};

use super::{Account, Known, Line, PageCard, Pages};
use crate::graph::call::Part;
use crate::graph::refusal::Refusal;
use crate::graph::world::World;
use crate::telegram::Upload;

/// Who has a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    /// The app that is asked about.
    Ours,
    /// Another app of the business.
    Another,
}

impl Pages {
    /// Makes a page or a professional account. Empty fields are filled in.
    pub fn create_account(&self, mut card: PageCard) -> PageCard {
        let mut world = self.graph.world();
        card.id = world.id_or_fresh(&card.id);
        if card.name.is_empty() {
            card.name = format!("Page {}", card.id);
        }
        let account = Account { card: card.clone(), ..Account::default() };
        world.pages.accounts.insert(card.id.clone(), account);
        card
    }

    /// Nobody is told of an account any more, as when an app could not be reached for a while.
    pub fn end_subscriptions(&self, account: &str) {
        if let Some(account) = self.graph.world().pages.accounts.get_mut(account) {
            account.subscribed.clear();
        }
    }

    /// Which apps are told of an account.
    pub fn subscribers(&self, account: &str) -> Vec<String> {
        let world = self.graph.world();
        world.pages.accounts.get(account).map(|known| known.subscribed.keys().cloned().collect()).unwrap_or_default()
    }

    /// Somebody with a phone, who signed in with these apps before; their number here.
    pub fn create_person(&self, name: &str, apps: &[&str]) -> String {
        let mut world = self.graph.world();
        let id = world.fresh_id();
        let by_app = apps.iter().map(|app| ((*app).to_owned(), world.fresh_id())).collect();
        let known = Known { name: name.to_owned(), locale: "it_IT".to_owned(), by_app, ..Known::default() };
        world.pages.people.insert(id.clone(), known);
        id
    }

    /// By which number an app knows somebody.
    pub fn number_at_app(&self, person: &str, app: &str) -> Option<String> {
        self.graph.world().pages.people.get(person)?.by_app.get(app).cloned()
    }

    /// By which number an account knows somebody who has written to it.
    pub fn number_at_account(&self, person: &str, account: &str) -> Option<String> {
        self.graph.world().pages.people.get(person)?.by_account.get(account).cloned()
    }

    /// Whether what is sent to somebody arrives.
    pub fn set_offline(&self, person: &str, offline: bool) {
        if let Some(known) = self.graph.world().pages.people.get_mut(person) {
            known.offline = offline;
        }
    }

    /// Somebody writes; the message's id. `message` is what else it has (`quick_reply`, `reply_to`, `referral`).
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn say(&self, account: &str, person: &str, text: &str, message: Value) -> Result<String, Refusal> {
        let mut said = json!({ "text": text });
        merge(&mut said, message);
        self.tell_message(account, person, Some(text), said)
    }

    /// Somebody sends a file as a `image`, `video`, `audio` or `file`; the message's id.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn send_file(&self, account: &str, person: &str, kind: &str, file: &Upload) -> Result<String, Refusal> {
        let url = {
            let mut world = self.graph.world();
            let id = world.fresh_id();
            let content = file.content.clone();
            let part = Part { name: file.name.clone(), mime: file.mime.clone(), content };
            world.pages.files.insert(id.clone(), part);
            format!("{}/pages/files/{id}", world.base)
        };
        let attachments = json!([{ "type": kind, "payload": { "url": url } }]);
        self.tell_message(account, person, None, json!({ "attachments": attachments }))
    }

    fn tell_message(
        &self,
        account: &str,
        person: &str,
        text: Option<&str>,
        mut said: Value,
    ) -> Result<String, Refusal> {
        let mut world = self.graph.world();
        meet(&mut world, account, person)?;
        let (id, at_ms) = (format!("m_{}", world.chance.word(32)), world.now_ms());
        said["mid"] = json!(id);
        let reply_to = said["reply_to"]["mid"].as_str().map(str::to_owned);
        let chat = world.pages.chat(account, person);
        chat.opened_ms = at_ms;
        let text = text.map(str::to_owned);
        chat.lines.push(Line {
            id: id.clone(),
            by_person: true,
            kind: "text".into(),
            text,
            reply_to,
            at_ms,
            ..Line::default()
        });
        let field = if chat.elsewhere { "standby" } else { "messages" };
        world.tell_page(account, person, (field, false), json!({ "message": said }));
        drop(world);
        self.graph.wake();
        Ok(id)
    }

    /// Somebody taps a button.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn tap(&self, account: &str, person: &str, title: &str, payload: &str) -> Result<(), Refusal> {
        self.opens(account, person);
        let postback = json!({ "title": title, "payload": payload, "mid": "m_of_the_button" });
        self.tells(account, person, ("messaging_postbacks", false), json!({ "postback": postback }))
    }

    /// Somebody reads all that was sent to them so far.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn read(&self, account: &str, person: &str) -> Result<(), Refusal> {
        let read = {
            let mut world = self.graph.world();
            let now = world.now_ms();
            let instagram = world.pages.account(account)?.card.object == "instagram";
            let chat = world.pages.chat(account, person);
            let last = chat.lines.iter().rev().find(|line| !line.by_person).map(|line| line.id.clone());
            if instagram { json!({ "mid": last }) } else { json!({ "watermark": now }) }
        };
        self.tells(account, person, ("message_reads", false), json!({ "read": read }))
    }

    /// Somebody reacts to a message, or takes that back.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn react(&self, account: &str, person: &str, message: &str, emoji: Option<&str>) -> Result<(), Refusal> {
        let action = if emoji.is_some() { "react" } else { "unreact" };
        let reaction = json!({ "reaction": "other", "emoji": emoji, "action": action, "mid": message });
        self.tells(account, person, ("message_reactions", false), json!({ "reaction": reaction }))
    }

    /// Somebody changes what they wrote.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn edit(&self, account: &str, person: &str, message: &str, text: &str) -> Result<(), Refusal> {
        let edit = json!({ "mid": message, "text": text, "num_edit": "1" });
        self.tells(account, person, ("message_edits", false), json!({ "message_edit": edit }))
    }

    /// Somebody takes back what they wrote.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn unsend(&self, account: &str, person: &str, message: &str) -> Result<(), Refusal> {
        let gone = json!({ "mid": message, "is_deleted": true });
        self.tells(account, person, ("messages", false), json!({ "message": gone }))
    }

    /// Somebody wants messages of advertising, or wants them no longer.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn opt(&self, account: &str, person: &str, wants: bool) -> Result<(), Refusal> {
        let status = if wants { "RESUME_NOTIFICATIONS" } else { "STOP_NOTIFICATIONS" };
        let optin = json!({ "type": "notification_messages", "notification_messages_token": "token",
            "notification_messages_status": status, "notification_messages_frequency": "WEEKLY",
            "notification_messages_timezone": "Europe/Rome" });
        self.tells(account, person, ("messaging_optins", false), json!({ "optin": optin }))
    }

    /// Somebody agrees to messages of advertising on a topic until a moment, in Unix milliseconds.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn opt_until(&self, account: &str, person: &str, title: &str, until_ms: i64) -> Result<(), Refusal> {
        let optin = json!({ "type": "notification_messages", "notification_messages_token": "token of this topic",
            "token_expiry_timestamp": until_ms / 1000, "title": title, "user_token_status": "NOT_REFRESHED",
            "notification_messages_timezone": "Europe/Rome" });
        self.tells(account, person, ("messaging_optins", false), json!({ "optin": optin }))
    }

    /// The owner answers in the inbox of the account; the message's id.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn answer_in_inbox(&self, account: &str, person: &str, text: &str) -> Result<String, Refusal> {
        let id = {
            let mut world = self.graph.world();
            let (id, at_ms) = (format!("m_{}", world.chance.word(32)), world.now_ms());
            let (kind, said) = ("text".to_owned(), Some(text.to_owned()));
            world.pages.chat(account, person).lines.push(Line {
                id: id.clone(),
                kind,
                text: said,
                at_ms,
                ..Line::default()
            });
            id
        };
        let echo = json!({ "is_echo": true, "app_id": 263_902_037_430_900_u64, "mid": id, "text": text });
        self.tells(account, person, ("message_echoes", true), json!({ "message": echo }))?;
        Ok(id)
    }

    /// What people see of an account before they write, by Meta's names.
    pub fn profile(&self, account: &str) -> std::collections::BTreeMap<String, Value> {
        self.graph.world().pages.accounts.get(account).map(|known| known.profile.clone()).unwrap_or_default()
    }

    /// How often our app asked for a conversation that another has.
    pub fn asked_for(&self, account: &str, person: &str) -> usize {
        self.graph.world().pages.chat(account, person).asked
    }

    /// The conversation passes to another app, or back to the one that is called `app`.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn hand(&self, account: &str, person: &str, app: &str, to: Hand) -> Result<(), Refusal> {
        self.graph.world().pages.chat(account, person).elsewhere = to == Hand::Another;
        let told = match to {
            Hand::Ours => json!({ "pass_thread_control": { "new_owner_app_id": app } }),
            Hand::Another => {
                json!({ "take_thread_control": { "previous_owner_app_id": app, "new_owner_app_id": "77" } })
            }
        };
        self.tells(account, person, ("messaging_handovers", false), told)
    }

    /// The chat as the person sees it.
    pub fn transcript(&self, account: &str, person: &str) -> Vec<Line> {
        self.graph.world().pages.chat(account, person).lines.clone()
    }

    /// Whether the person sees that the business is writing.
    pub fn is_typing(&self, account: &str, person: &str) -> bool {
        self.graph.world().pages.chat(account, person).typing
    }

    fn opens(&self, account: &str, person: &str) {
        let mut world = self.graph.world();
        let now = world.now_ms();
        world.pages.chat(account, person).opened_ms = now;
    }

    fn tells(&self, account: &str, person: &str, of: (&'static str, bool), more: Value) -> Result<(), Refusal> {
        {
            let mut world = self.graph.world();
            meet(&mut world, account, person)?;
            world.tell_page(account, person, of, more);
        }
        self.graph.wake();
        Ok(())
    }
}

/// Gives somebody their number at an account.
fn meet(world: &mut World, account: &str, person: &str) -> Result<(), Refusal> {
    world.pages.account(account)?;
    let fresh = world.fresh_id();
    let known = world.pages.people.get_mut(person).ok_or_else(|| Refusal::no_object("get", person))?;
    known.by_account.entry(account.to_owned()).or_insert(fresh);
    Ok(())
}

fn merge(value: &mut Value, more: Value) {
    if let (Value::Object(value), Value::Object(more)) = (value, more) {
        value.extend(more);
    }
}
