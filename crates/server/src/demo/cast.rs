//! Who there is in the demo, under the same numbers at every start, so that threads go on.

use serde_json::json;
use simulator::graph::whatsapp::{self, AccountCard, NumberCard, TemplateCard};
use simulator::graph::{AppCard, TokenCard};
use simulator::telegram::{BotCard, Person};
use vault::Role;

/// The workspace's name.
pub(super) const WORKSPACE: &str = "Bottega Conti";

/// A member of the demo's workspace.
pub(super) struct Player {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    /// The same for everybody who runs the demo: it is printed at each start.
    pub(super) password: &'static str,
    pub(super) role: Role,
}

/// She runs the shop.
pub(super) const GIULIA: Player =
    Player { name: "Giulia Conti", email: "giulia@demo.example", password: "benvenuta-giulia", role: Role::Owner };

/// He answers.
pub(super) const MARCO: Player =
    Player { name: "Marco Bianchi", email: "marco@demo.example", password: "benvenuto-marco", role: Role::Agent };

/// The simulated bot's token.
pub(super) const BOT_TOKEN: &str = "7100200300:only-in-the-simulator";
/// The simulated bot's public name.
pub(super) const BOT_USERNAME: &str = "bottega_conti_bot";

/// The bot.
pub(super) fn bot() -> BotCard {
    BotCard { token: BOT_TOKEN.to_owned(), name: WORKSPACE.to_owned(), username: BOT_USERNAME.to_owned() }
}

/// Sofia's number.
pub(super) const SOFIA: i64 = 5_100_000_001;
/// Tom's number.
pub(super) const TOM: i64 = 5_100_000_002;

/// People with simulated phones.
pub(super) fn people() -> [Person; 2] {
    let person = |id, first: &str, last: &str, username: &str, language: &str| Person {
        id,
        last_name: Some(last.to_owned()),
        username: Some(username.to_owned()),
        ..Person::named(first, language)
    };
    [person(SOFIA, "Sofia", "Ferri", "sofiaferri", "it"), person(TOM, "Tom", "Hughes", "tomhughes", "en")]
}

/// The shop's app at the simulated Meta, which signs with this secret.
pub(super) const APP: &str = "871000000000001";
/// Signs what the simulated Meta tells.
pub(super) const APP_SECRET: &str = "only-in-the-simulator";
/// What the shop calls the simulated Meta with.
pub(super) const ACCESS_TOKEN: &str = "EAA-only-in-the-simulator";
/// What the simulated Meta says when it asks the hook for the handshake.
pub(super) const VERIFY_TOKEN: &str = "only-between-the-two";
/// The shop's WhatsApp business account.
pub(super) const ACCOUNT: &str = "102000000000001";
/// The shop's number on WhatsApp, by its id.
pub(super) const NUMBER: &str = "106000000000001";

/// The shop's app.
pub(super) fn app() -> AppCard {
    AppCard { id: APP.to_owned(), name: WORKSPACE.to_owned(), secret: APP_SECRET.to_owned(), requires_proof: true }
}

/// What the shop calls with.
pub(super) fn access_token() -> TokenCard {
    TokenCard { token: ACCESS_TOKEN.to_owned(), app: APP.to_owned(), ..TokenCard::default() }
}

/// The shop's business account.
pub(super) fn account() -> AccountCard {
    let portfolio = "700000000000001".to_owned();
    let account = AccountCard { id: ACCOUNT.to_owned(), name: WORKSPACE.to_owned(), ..AccountCard::default() };
    AccountCard { portfolio, approves_at_once: true, ..account }
}

/// The shop's number.
pub(super) fn number() -> NumberCard {
    let number = NumberCard { id: NUMBER.to_owned(), account: ACCOUNT.to_owned(), ..NumberCard::default() };
    NumberCard { number: "390255500142".to_owned(), name: WORKSPACE.to_owned(), ..number }
}

/// The template that reminds somebody of their order.
pub(super) const ORDER_READY: &str = "ordine_pronto";

/// What the shop may write to whom has not written for a day.
pub(super) fn templates() -> [TemplateCard; 3] {
    let ready = "Buongiorno {{1}}, il suo ordine {{2}} è pronto: può ritirarlo in negozio fino alle 19.";
    let on_its_way = json!([
        { "type": "HEADER", "format": "TEXT", "text": "Order {{1}}" },
        { "type": "BODY", "text": "Hello {{1}}, your parcel left our shop today and should arrive on {{2}}." },
        { "type": "FOOTER", "text": "Bottega Conti, Milano" },
        { "type": "BUTTONS", "buttons": [
            { "type": "URL", "text": "Follow the parcel", "url": "https://bottega-conti.example/parcels/{{1}}" },
        ] },
    ]);
    let news = "Ciao {{1}}, da sabato è in negozio la nuova collezione di teiere. Ti aspettiamo!";
    [
        TemplateCard::text(ORDER_READY, "it", "UTILITY", ready),
        TemplateCard { name: "parcel_on_its_way".to_owned(), components: on_its_way, ..TemplateCard::default() },
        TemplateCard::text("nuova_collezione", "it", "MARKETING", news),
    ]
}

/// Elena's number, by which the simulator knows her too.
pub(super) const ELENA: &str = "393335550117";
/// Chiara's number. She has never written: the shop tells her of her order, and more than templates it cannot send her.
pub(super) const CHIARA: &str = "393335550119";
/// Jonas hides his number, so that the shop knows him by an id alone.
pub(super) const JONAS: &str = "491705550118";

/// People with WhatsApp on their simulated phones.
pub(super) fn whatsapp_people() -> [whatsapp::Person; 3] {
    let named = whatsapp::Person::named;
    let jonas = whatsapp::Person { username: Some("jonas.keller".to_owned()), ..named("Jonas Keller", JONAS) };
    [named("Elena Ricci", ELENA), named("Chiara Longo", CHIARA), whatsapp::Person { hides_number: true, ..jonas }]
}
