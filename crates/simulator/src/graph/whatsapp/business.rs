//! What Meta decides about a business: its templates, its number's quality, its account.

use serde_json::{Value, json};

use super::WhatsApp;
use super::template::{Template, TemplateCard};
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

/// Fields that can be told as they are given, see [`WhatsApp::tell`].
const TOLD: [&str; 9] = [
    "account_alerts",
    "account_review_update",
    "account_update",
    "business_capability_update",
    "calls",
    "history",
    "phone_number_name_update",
    "security",
    "smb_app_state_sync",
];

impl World {
    fn template(&mut self, account: &str, id: &str) -> Result<&mut Template, Refusal> {
        let known = self.whatsapp.accounts.get_mut(account);
        let found = known.and_then(|known| known.templates.iter_mut().find(|one| one.id == id));
        found.ok_or_else(|| Refusal::no_object("post", id))
    }

    pub(super) fn decide(
        &mut self,
        account: &str,
        id: &str,
        status: &str,
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        let template = self.template(account, id)?;
        status.clone_into(&mut template.card.status);
        template.reason = reason.map(str::to_owned);
        let mut value = about(template);
        value["event"] = json!(status);
        value["reason"] = json!(reason.unwrap_or("NONE"));
        value["message_template_category"] = json!(template.card.category);
        self.tell_account(account, "message_template_status_update", value, account);
        Ok(())
    }
}

fn about(template: &Template) -> Value {
    json!({
        "message_template_id": template.id.parse::<u64>().unwrap_or(0), "message_template_name": template.card.name,
        "message_template_language": template.card.language,
    })
}

impl WhatsApp {
    fn deciding<T>(&self, act: impl FnOnce(&mut World) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let done = act(&mut self.graph.world());
        self.graph.wake();
        done
    }

    /// Adds a template to an account, as it is given. Answers its number.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn create_template(&self, account: &str, card: TemplateCard) -> Result<String, Refusal> {
        self.deciding(|world| {
            let (id, now_s) = (world.fresh_id(), world.now_s());
            let known = world.whatsapp.accounts.get_mut(account);
            let known = known.ok_or_else(|| Refusal::no_object("post", account))?;
            known.templates.push(Template::new(id.clone(), card, now_s));
            Ok(id)
        })
    }

    /// All templates of an account with their numbers.
    ///
    /// # Errors
    /// 100 for an unknown account.
    pub fn templates(&self, account: &str) -> Result<Vec<(String, TemplateCard)>, Refusal> {
        let world = self.graph.world();
        let known = world.whatsapp.accounts.get(account).ok_or_else(|| Refusal::no_object("get", account))?;
        Ok(known.templates.iter().map(|template| (template.id.clone(), template.card.clone())).collect())
    }

    /// Meta approves, rejects, pauses or disables a template (`message_template_status_update`).
    ///
    /// # Errors
    /// 100 for an unknown account or template.
    pub fn decide_template(&self, account: &str, id: &str, status: &str, reason: Option<&str>) -> Result<(), Refusal> {
        self.deciding(|world| world.decide(account, id, status, reason))
    }

    /// Meta counts a template as something else (`template_category_update`).
    ///
    /// # Errors
    /// As [`WhatsApp::decide_template`].
    pub fn recategorize(&self, account: &str, id: &str, category: &str) -> Result<(), Refusal> {
        self.deciding(|world| {
            let template = world.template(account, id)?;
            let before = std::mem::replace(&mut template.card.category, category.to_owned());
            template.previous_category = Some(before.clone());
            let mut value = about(template);
            value["previous_category"] = json!(before);
            value["new_category"] = json!(category);
            world.tell_account(account, "template_category_update", value, account);
            Ok(())
        })
    }

    /// Recipients' opinion of a template changes: `GREEN`, `YELLOW`, `RED` (`message_template_quality_update`).
    ///
    /// # Errors
    /// As [`WhatsApp::decide_template`].
    pub fn rate_template(&self, account: &str, id: &str, quality: &str) -> Result<(), Refusal> {
        self.deciding(|world| {
            let now_s = world.now_s();
            let template = world.template(account, id)?;
            template.rated_at_s = now_s;
            let before = std::mem::replace(&mut template.quality, quality.to_owned());
            let mut value = about(template);
            value["previous_quality_score"] = json!(before);
            value["new_quality_score"] = json!(quality);
            world.tell_account(account, "message_template_quality_update", value, account);
            Ok(())
        })
    }

    /// A number's quality changes: `GREEN`, `YELLOW`, `RED` (`phone_number_quality_update`).
    ///
    /// # Errors
    /// 100 for an unknown number.
    pub fn rate_number(&self, number: &str, quality: &str) -> Result<(), Refusal> {
        self.deciding(|world| {
            let known = world.whatsapp.numbers.get_mut(number).ok_or_else(|| Refusal::no_object("post", number))?;
            quality.clone_into(&mut known.quality);
            let event = if quality == "RED" { "FLAGGED" } else { "UNFLAGGED" };
            let value = json!({
                "display_phone_number": known.card.number, "event": event, "current_limit": "TIER_250",
            });
            let account = known.card.account.clone();
            world.tell_account(&account, "phone_number_quality_update", value, number);
            Ok(())
        })
    }

    /// Tells something as it is given, e.g. an `account_update`.
    ///
    /// # Errors
    /// 100 for a field that is none of those.
    pub fn tell(&self, account: &str, field: &str, value: Value) -> Result<(), Refusal> {
        let field = TOLD.into_iter().find(|known| *known == field);
        let field = field.ok_or_else(|| Refusal::invalid("This field cannot be told as it is given"))?;
        self.deciding(|world| {
            world.tell_account(account, field, value, account);
            Ok(())
        })
    }

    /// Something is wrong with the account itself: an error beside no message at all.
    ///
    /// # Errors
    /// 100 for an unknown number.
    pub fn complain(&self, number: &str, code: i64) -> Result<(), Refusal> {
        self.deciding(|world| {
            let known = world.whatsapp.number(number)?;
            let account = known.card.account.clone();
            let errors = json!([Refusal::of(code).as_told()]);
            let value = json!({ "messaging_product": "whatsapp", "metadata": known.metadata(), "errors": errors });
            world.tell_account(&account, "messages", value, number);
            Ok(())
        })
    }
}
