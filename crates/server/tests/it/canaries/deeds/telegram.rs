//! A person on Telegram says everything that can be said there, with a name of many parts.

use serde_json::json;
use simulator::telegram::{Person, Says, Upload};

use super::{Canaries, Deeds};
use crate::client::text_of;

impl Deeds {
    pub(super) async fn telegram(&mut self) {
        let name = self.canaries.shown("channel name");
        let order = json!({ "kind": "telegram", "name": name, "settings": { "bot_token": self.bot } });
        assert_eq!(self.member.post("/channels", order).await["state"], "ready");
        let c = &mut self.canaries;
        let person = Person {
            first_name: c.shown("Telegram first name"),
            last_name: Some(c.shown("Telegram last name")),
            username: Some(c.fresh("Telegram username")),
            language_code: Some(format!("it-x-{}", c.fresh("Telegram language"))),
            ..Person::default()
        };
        let person = self.telegram.create_person(person).id;
        self.canaries.known("Telegram number", person.to_string());
        let c = &mut self.canaries;
        let phone = format!("3902{}", c.digits());
        c.known("card's number", &phone);
        let file = |c: &mut Canaries, kind: &str| {
            let content = format!("a text with {} in it", c.fresh(&format!("{kind} content")));
            let caption = c.shown(&format!("{kind} caption"));
            Upload::new(&format!("{}.txt", c.shown(&format!("{kind} name"))), "text/plain", content).captioned(&caption)
        };
        let place = format!("47.{}", c.digits());
        c.known("place", &place);
        let sayings = [
            Says::Text { text: format!("Text {} text", c.shown("Telegram text")) },
            Says::Document(file(c, "Telegram file")),
            Says::Video(file(c, "Telegram film")),
            Says::Contact {
                phone_number: format!("+{phone}"),
                first_name: c.shown("card's first name"),
                last_name: Some(c.shown("card's last name")),
            },
            Says::Location { latitude: place.parse().unwrap(), longitude: 8.5 },
        ];
        for says in sayings {
            self.telegram.say(&self.bot, person, says).unwrap();
        }
        let first = self.telegram.say_text(&self.bot, person, &self.canaries.fresh("text before its edit")).unwrap();
        let conversation = self.conversation_of(6).await;
        let edited = self.canaries.shown("edited text");
        self.telegram.edit(&self.bot, person, None, first, &edited).unwrap();
        self.answer(&conversation, "Telegram").await;
        let shown = self.telegram.transcript(&self.bot, person).unwrap();
        let asked = shown.iter().find(|shown| shown.keyboard.is_some()).expect("the buttons arrived");
        let data = text_of(&asked.keyboard.as_ref().unwrap()[0][0]["callback_data"]);
        self.telegram.tap(&self.bot, person, asked.message_id, &data).unwrap();
        self.telegram.react(&self.bot, person, asked.message_id, &[&self.canaries.shown("Telegram reaction")]).unwrap();
    }
}
