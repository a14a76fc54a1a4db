//! What people do on their phones.

use serde_json::{Value, json};

use super::WhatsApp;
use super::chat::{Author, ChatKey, Message, Ticks};
use super::inbound::{Circumstances, WINDOW_MS};
use super::person::Person;
use super::saying::{Said, Saying, unsupported};
use super::sending::wamid;
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

/// People edit for a quarter of an hour, and delete for two days.
const LONGEST_EDIT_MS: i64 = 15 * 60 * 1_000;
const LONGEST_DELETE_MS: i64 = 2 * 24 * 3_600 * 1_000;

impl WhatsApp {
    /// Sets the scene for something a person does, and wakes whoever waits for it.
    pub(super) fn doing<T>(
        &self,
        number: &str,
        person: &str,
        deed: impl FnOnce(&mut World, &ChatKey) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let done = {
            let mut world = self.graph.world();
            world.whatsapp.number(number)?;
            world.whatsapp.person(person)?;
            let done = deed(&mut world, &ChatKey::of(number, person));
            world.whatsapp.touch();
            done
        };
        self.graph.wake();
        done
    }

    /// Somebody calls this number of a business, and hangs up. The app is told how to connect it. Answers the call's id.
    ///
    /// # Errors
    /// 100 for an unknown number or person.
    pub fn call(&self, number: &str, person: &str) -> Result<String, Refusal> {
        self.doing(number, person, |world, key| {
            let known = world.known(key)?;
            let (id, at) = (format!("wacid.{}", world.chance.word(24)), world.now_s().to_string());
            let to = world.whatsapp.number(&key.number)?.card.number.clone();
            world.whatsapp.chat(key).window_until_ms = world.now_ms() + WINDOW_MS;
            for event in ["connect", "terminate"] {
                let mut call = json!({ "id": id, "to": to, "event": event, "timestamp": at, "direction": "USER_INITIATED",
                    "from_user_id": known.user_id, "session": { "sdp_type": "offer", "sdp": "v=0" } });
                known.add(&mut call, "from", "from_parent_user_id");
                world.tell_chat(key, "calls", json!({ "contacts": [known.contact()], "calls": [call] }));
            }
            Ok(id)
        })
    }

    /// Nobody is told of a business account any more, as when somebody who manages it ended that.
    pub fn end_subscriptions(&self, account: &str) {
        if let Some(account) = self.graph.world().whatsapp.accounts.get_mut(account) {
            account.subscribed.clear();
        }
    }

    /// Which apps are told of a business account.
    pub fn subscribers(&self, account: &str) -> Vec<String> {
        let world = self.graph.world();
        world.whatsapp.accounts.get(account).map(|known| known.subscribed.keys().cloned().collect()).unwrap_or_default()
    }

    /// Somebody says something to this number of a business, which opens its 24 hours. Answers the message's id.
    ///
    /// # Errors
    /// 100 for an unknown number or person, 131026 if the person blocked the business.
    pub fn say(&self, number: &str, person: &str, saying: impl Into<Saying>) -> Result<String, Refusal> {
        let Saying { says, reply_to, forwarded, referral } = saying.into();
        self.doing(number, person, |world, key| {
            if world.whatsapp.chat(key).blocked {
                return Err(Refusal::of(131_026).because("The person blocked this business"));
            }
            let said = says.said(world, &key.number)?;
            world.hear(key, said, Circumstances { reply_to, forwarded, referral })
        })
    }

    /// Shorthand for [`WhatsApp::say`] with words alone.
    ///
    /// # Errors
    /// As [`WhatsApp::say`].
    pub fn say_text(&self, number: &str, person: &str, text: &str) -> Result<String, Refusal> {
        self.say(number, person, Saying::text(text))
    }

    /// Somebody taps a button, or chooses a row of a list, by its id; a template's button by its payload.
    ///
    /// # Errors
    /// 100 if that message has no such button.
    pub fn tap(&self, number: &str, person: &str, message: &str, id: &str) -> Result<String, Refusal> {
        self.doing(number, person, |world, key| {
            let tapped = world.whatsapp.chat(key).message(message).and_then(|message| answer(message, id));
            let said = tapped.ok_or_else(|| Refusal::invalid("This message has no such button"))?;
            world.hear(key, said, Circumstances { reply_to: Some(message.to_owned()), ..Circumstances::default() })
        })
    }

    /// Somebody puts an emoji on a message in place of an earlier one, or takes theirs back.
    ///
    /// # Errors
    /// 100 if the message is not there.
    pub fn react(&self, number: &str, person: &str, message: &str, emoji: Option<&str>) -> Result<(), Refusal> {
        self.doing(number, person, |world, key| {
            message_of(world, key, message)?.person_reaction = emoji.map(str::to_owned);
            let mut body = json!({ "message_id": message });
            if let Some(emoji) = emoji {
                body["emoji"] = json!(emoji);
            }
            happened(world, key, "reaction", body)
        })
    }

    /// Somebody changes the words of a message of theirs. A business sees them on a coexistence number; others are
    /// told that there was something they are not shown.
    ///
    /// # Errors
    /// 100 if they have no such message, or it is older than 15 minutes.
    pub fn edit(&self, number: &str, person: &str, message: &str, text: &str) -> Result<(), Refusal> {
        self.doing(number, person, |world, key| {
            let edited = own(world, key, message, LONGEST_EDIT_MS)?;
            let words = if edited.kind == "text" { "body" } else { "caption" };
            edited.body[words] = json!(text);
            edited.edited = true;
            let (kind, body) = (edited.kind.clone(), edited.body.clone());
            if !world.whatsapp.number(&key.number)?.card.coexistence {
                let said = unsupported("edit");
                return happened_beside(world, key, said);
            }
            let mut inner = json!({ "type": kind });
            inner[kind] = body;
            happened(world, key, "edit", json!({ "original_message_id": message, "message": inner }))
        })
    }

    /// Somebody deletes a message of theirs for both sides. Only coexistence numbers are told.
    ///
    /// # Errors
    /// 100 if they have no such message, or it is older than two days.
    pub fn delete(&self, number: &str, person: &str, message: &str) -> Result<(), Refusal> {
        self.doing(number, person, |world, key| {
            own(world, key, message, LONGEST_DELETE_MS)?.deleted = true;
            if !world.whatsapp.number(&key.number)?.card.coexistence {
                return Ok(());
            }
            happened(world, key, "revoke", json!({ "original_message_id": message }))
        })
    }

    /// Somebody reads everything the business wrote; told unless they keep that to themselves.
    ///
    /// # Errors
    /// 100 for an unknown number or person.
    pub fn read(&self, number: &str, person: &str) -> Result<(), Refusal> {
        self.doing(number, person, |world, key| {
            if world.whatsapp.person(&key.person)?.no_receipts {
                return Ok(());
            }
            let arrived = |one: &&Message| one.author != Author::Person && one.ticks == Ticks::Delivered;
            for id in ids(world, key, arrived) {
                world.progress(key, &id, Ticks::Read);
            }
            Ok(())
        })
    }

    /// Somebody listens to a voice message of the business for the first time.
    ///
    /// # Errors
    /// 100 if the message is not there.
    pub fn play(&self, number: &str, person: &str, message: &str) -> Result<(), Refusal> {
        self.doing(number, person, |world, key| {
            message_of(world, key, message)?;
            world.progress(key, message, Ticks::Played);
            Ok(())
        })
    }

    /// Somebody wants no more marketing from the business, or wants it again (`user_preferences`).
    ///
    /// # Errors
    /// 100 for an unknown number or person.
    pub fn stop_marketing(&self, number: &str, person: &str, stop: bool) -> Result<(), Refusal> {
        self.doing(number, person, |world, key| {
            let chat = world.whatsapp.chat(key);
            if chat.marketing_stopped == stop {
                return Ok(());
            }
            chat.marketing_stopped = stop;
            let known = world.known(key)?;
            let value = if stop { "stop" } else { "resume" };
            let mut preference = json!({
                "detail": format!("User requested to {value} marketing messages"), "user_id": known.user_id,
                "category": "marketing_messages", "value": value, "timestamp": world.now_s(),
            });
            known.add(&mut preference, "wa_id", "parent_user_id");
            let told = json!({ "contacts": [known.contact()], "user_preferences": [preference] });
            world.tell_chat(key, "user_preferences", told);
            Ok(())
        })
    }

    /// Somebody blocks the business, or lets it write again. Nobody is told: messages stay at one tick.
    ///
    /// # Errors
    /// 100 for an unknown number or person.
    pub fn set_blocked(&self, number: &str, person: &str, blocked: bool) -> Result<(), Refusal> {
        self.doing(number, person, |world, key| {
            world.whatsapp.chat(key).blocked = blocked;
            Ok(())
        })
    }

    /// Changes what is known of somebody. A phone that comes on gets what waited for it.
    ///
    /// # Errors
    /// 100 for an unknown person.
    pub fn change_person(&self, person: &str, change: impl FnOnce(&mut Person)) -> Result<Person, Refusal> {
        let changed = {
            let mut world = self.graph.world();
            let known = world.whatsapp.people.get_mut(person);
            let known = known.ok_or_else(|| Refusal::no_object("post", person))?;
            change(known);
            let changed = known.clone();
            if !changed.offline {
                deliver_waiting(&mut world, person);
            }
            world.whatsapp.touch();
            changed
        };
        self.graph.wake();
        Ok(changed)
    }

    /// Somebody takes another number, and is another business-scoped id from then on. Every business they wrote with is
    /// told (`user_changed_number`, or `user_changed_user_id` if they hide their number).
    ///
    /// # Errors
    /// 100 for an unknown person.
    pub fn change_number(&self, person: &str, number: &str) -> Result<Person, Refusal> {
        let before = {
            let world = self.graph.world();
            let chats = world.whatsapp.chats.keys().filter(|key| key.person == person);
            let known = chats.filter_map(|key| Some((key.clone(), world.known(key).ok()?)));
            known.collect::<Vec<_>>()
        };
        let changed = self.change_person(person, |person| {
            person.number = number.chars().filter(char::is_ascii_digit).collect();
            person.moves += 1;
        })?;
        for (key, old) in before {
            self.doing(&key.number, person, |world, key| {
                let now = world.known(key)?;
                let id = wamid(&mut world.chance, person);
                let mut system = json!({ "user_id": now.user_id, "type": "user_changed_user_id" });
                now.add(&mut system, "wa_id", "parent_user_id");
                let shown = |one: &Option<String>, id: &str| one.clone().unwrap_or_else(|| id.to_owned());
                let (from, to) = (shown(&old.wa_id, &old.user_id), shown(&now.wa_id, &now.user_id));
                system["body"] = json!(format!("User {} changed from {from} to {to}", changed.name));
                let mut told = json!({
                    "from_user_id": old.user_id, "id": id, "timestamp": world.now_s().to_string(), "type": "system",
                });
                old.add(&mut told, "from", "from_parent_user_id");
                if old.wa_id.is_some() && now.wa_id.is_some() {
                    system["type"] = json!("user_changed_number");
                }
                told["system"] = system;
                world.tell_chat(key, "messages", json!({ "messages": [told] }));
                Ok(())
            })?;
        }
        Ok(changed)
    }
}

fn deliver_waiting(world: &mut World, person: &str) {
    let chats = world.whatsapp.chats.iter().filter(|(key, chat)| key.person == person && !chat.blocked);
    let keys: Vec<_> = chats.map(|(key, _)| key.clone()).collect();
    for key in keys {
        let waiting = |one: &&Message| one.author != Author::Person && one.ticks == Ticks::Sent;
        for id in ids(world, &key, waiting) {
            world.progress(&key, &id, Ticks::Delivered);
        }
    }
}

fn ids(world: &World, key: &ChatKey, fits: impl Fn(&&Message) -> bool) -> Vec<String> {
    let messages = world.whatsapp.chats.get(key).map(|chat| chat.messages.as_slice()).unwrap_or_default();
    messages.iter().filter(fits).map(|message| message.id.clone()).collect()
}

pub(super) fn message_of<'a>(world: &'a mut World, key: &ChatKey, id: &str) -> Result<&'a mut Message, Refusal> {
    world.whatsapp.chat(key).message_mut(id).ok_or_else(|| Refusal::no_object("post", id))
}

/// A message the person wrote, not longer ago than that.
fn own<'a>(world: &'a mut World, key: &ChatKey, id: &str, age_ms: i64) -> Result<&'a mut Message, Refusal> {
    let since = world.now_ms() - age_ms;
    let message = message_of(world, key, id)?;
    let fits = message.author == Author::Person && message.at_ms >= since;
    if fits { Ok(message) } else { Err(Refusal::invalid("This message cannot be changed any more")) }
}

/// Tells of something that is no message of its own in the chat.
fn happened(world: &mut World, key: &ChatKey, kind: &'static str, body: Value) -> Result<(), Refusal> {
    happened_beside(world, key, Said::plain(kind, body))
}

fn happened_beside(world: &mut World, key: &ChatKey, said: Said) -> Result<(), Refusal> {
    let id = wamid(&mut world.chance, &key.person);
    let mut told = world.told(key, &id, said.kind, said.body)?;
    if let Some((name, value)) = said.beside {
        told[name] = value;
    }
    world.tell_message(key, &told)
}

/// What tapping this answers, if there is such a button.
fn answer(message: &Message, id: &str) -> Option<Said> {
    if let Some(rendered) = &message.rendered {
        let buttons = rendered["buttons"].as_array()?;
        let button = buttons.iter().find(|one| one["payload"] == id)?;
        return Some(Said::plain("button", json!({ "payload": id, "text": button["text"] })));
    }
    let action = message.body.get("action")?;
    let reply = |kind: &str, fields: Value| {
        let mut body = json!({ "type": kind });
        body[kind] = fields;
        Said::plain("interactive", body)
    };
    let mut buttons = action["buttons"].as_array().into_iter().flatten();
    if let Some(button) = buttons.find(|one| one["reply"]["id"] == id) {
        return Some(reply("button_reply", json!({ "id": id, "title": button["reply"]["title"] })));
    }
    let sections = action["sections"].as_array().into_iter().flatten();
    let mut rows = sections.filter_map(|section| section["rows"].as_array()).flatten();
    let row = rows.find(|row| row["id"] == id)?;
    let mut fields = json!({ "id": id, "title": row["title"] });
    if let Some(description) = row.get("description") {
        fields["description"] = description.clone();
    }
    Some(reply("list_reply", fields))
}
