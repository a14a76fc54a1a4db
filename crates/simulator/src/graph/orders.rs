//! Making apps and tokens, ordering faults, and looking at what happened.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;
use super::app::{AppCard, Callback, TokenCard};
use super::faults::MessageFault;
use super::journal::{Delivery, Sent, Tally};
use super::refusal::Refusal;
use crate::faults::{CallFault, DeliveryFault, Order};

impl Graph {
    /// Makes an app, or renames the one with this id. Empty fields are filled in.
    pub fn create_app(&self, card: AppCard) -> AppCard {
        self.world().create_app(card)
    }

    /// All apps, by number.
    pub fn apps(&self) -> Vec<AppCard> {
        self.world().apps.values().map(|app| app.card.clone()).collect()
    }

    /// Where the simulator is reached (`http://127.0.0.1:8081`), which stands in the addresses of media. It is learned from
    /// calls that come over the network.
    pub fn reached_at(&self, base: &str) {
        base.clone_into(&mut self.world().base);
    }

    /// Sets where an app is told of these objects (`whatsapp_business_account`), without the handshake that the
    /// interface begins with. Fields: all, if none are named.
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn set_callback(&self, app: &str, object: &str, url: &str, fields: &[&str]) -> Result<(), Refusal> {
        let fields: BTreeSet<_> = fields.iter().map(|field| (*field).to_owned()).collect();
        let callback = Callback { url: url.to_owned(), fields: (!fields.is_empty()).then_some(fields) };
        self.world().app(app)?.callbacks.insert(object.to_owned(), callback);
        Ok(())
    }

    /// Sets where an app is told of these objects, all fields, once the address has said the challenge back, as the owner
    /// does on the app's page.
    ///
    /// # Errors
    /// 2200 if it does not, 100 for an unknown app.
    pub async fn subscribe(&self, app: &str, object: &str, url: &str, verify_token: &str) -> Result<(), Refusal> {
        self.handshake(url, verify_token).await?;
        self.set_callback(app, object, url, &[])
    }

    /// Makes an access token, or replaces the one with these letters.
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn create_token(&self, card: TokenCard) -> Result<TokenCard, Refusal> {
        self.world().create_token(card)
    }

    /// Takes a token back: every later call with it is refused with 190.
    pub fn revoke_token(&self, token: &str) {
        if let Some(card) = self.world().tokens.get_mut(token) {
            card.revoked = true;
        }
    }

    /// Takes one permission of a token back, or gives it again: calls that need it are refused with 200 meanwhile.
    pub fn set_permission(&self, token: &str, permission: &str, given: bool) {
        if let Some(card) = self.world().tokens.get_mut(token) {
            if given {
                card.permissions.insert(permission.to_owned());
            } else {
                card.permissions.remove(permission);
            }
        }
    }

    /// All tokens of an app are taken back.
    pub fn revoke_all(&self, app: &str) {
        let mut world = self.world();
        world.tokens.values_mut().filter(|card| card.app == app).for_each(|card| card.revoked = true);
    }

    /// The code that a finished signup hands out for this token, to be used once at `/oauth/access_token`.
    pub fn create_code(&self, token: &str) -> String {
        let mut world = self.world();
        let code = format!("AQ{}", world.chance.word(40));
        world.codes.insert(code.clone(), (token.to_owned(), None));
        code
    }

    /// Something is to go wrong with calls of this app, named `POST messages`, `GET media`, `GET phone_number`, ….
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn order_call_fault(&self, app: &str, order: Order<CallFault>) -> Result<(), Refusal> {
        self.world().app(app)?.call_faults.add(order);
        Ok(())
    }

    /// Something is to go wrong with messages that this app sends.
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn order_message_fault(&self, app: &str, order: Order<MessageFault>) -> Result<(), Refusal> {
        self.world().app(app)?.message_faults.add(order);
        Ok(())
    }

    /// Something is to go wrong with what this app is told, by field (`messages`, `user_preferences`, …).
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn order_delivery_fault(&self, app: &str, order: Order<DeliveryFault>) -> Result<(), Refusal> {
        self.world().app(app)?.queue.faults.add(order);
        Ok(())
    }

    /// Nothing more is to go wrong for this app; what is held back comes when its time is up.
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn clear_faults(&self, app: &str) -> Result<(), Refusal> {
        let mut world = self.world();
        let app = world.app(app)?;
        app.call_faults.clear();
        app.message_faults.clear();
        app.queue.faults.clear();
        Ok(())
    }

    /// Every message that businesses this app listens to really put into a chat, in order.
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn sent(&self, app: &str) -> Result<Vec<Sent>, Refusal> {
        Ok(self.world().app(app)?.journal.sent.clone())
    }

    /// How often each thing was called, and what came of it.
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn calls(&self, app: &str) -> Result<BTreeMap<String, Tally>, Refusal> {
        Ok(self.world().app(app)?.journal.tallies.clone())
    }

    /// Every attempt to tell the app something, in order.
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn deliveries(&self, app: &str) -> Result<Vec<Delivery>, Refusal> {
        Ok(self.world().app(app)?.journal.deliveries.clone())
    }

    /// How much the app is still to be told.
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn pending(&self, app: &str) -> Result<usize, Refusal> {
        Ok(self.world().app(app)?.queue.pending())
    }
}
