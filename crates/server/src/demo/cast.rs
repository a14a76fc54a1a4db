//! Who there is in the demo, under the same numbers at every start, so that threads go on.

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
