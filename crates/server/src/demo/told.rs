//! What the demo says once everything is ready.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::cast::{self, Player};
use crate::app::{DemoMember, DemoSigns, Shared};

/// Whether the members' app is in this program.
const HAS_APP: bool = cfg!(feature = "embed-web");

/// What the sign-in page of the demo shows.
pub(super) fn signs(phone_url: String) -> DemoSigns {
    let member = |player: &Player| DemoMember {
        name: player.name,
        email: player.email,
        password: player.password,
        role: player.role,
    };
    DemoSigns { phone_url, members: vec![member(&cast::GIULIA), member(&cast::MARCO)] }
}

pub(super) struct Told {
    url: String,
    phone_url: String,
    shop_url: String,
    data: PathBuf,
    open_to_others: bool,
}

impl Told {
    pub(super) fn of(app: &Shared, shop_url: String, data: &Path) -> Self {
        Self {
            url: app.public_url.clone(),
            phone_url: app.demo.as_ref().map(|demo| demo.phone_url.clone()).unwrap_or_default(),
            shop_url,
            data: data.to_owned(),
            open_to_others: !app.settings.listen.ip().is_loopback(),
        }
    }

    pub(super) fn words(&self, json: bool) -> String {
        if json { self.line().to_string() } else { self.block() }
    }

    fn line(&self) -> Value {
        let member = |player: &Player| json!({ "name": player.name, "email": player.email, "password": player.password, "role": player.role });
        json!({
            "url": self.url, "phone_url": self.phone_url, "shop_url": self.shop_url, "members": [member(&cast::GIULIA), member(&cast::MARCO)],
        })
    }

    fn block(&self) -> String {
        let member = |player: &Player| format!("      {:<14} {:<20} {}", player.name, player.email, player.password);
        let mut lines = vec![
            String::new(),
            format!("  Parloir's demo is running: {}, a small shop with a busy inbox.", cast::WORKSPACE),
            String::new(),
            format!("  1.  Open the shop's inbox   {}", self.url),
            "      and sign in as".to_owned(),
            member(&cast::GIULIA),
            member(&cast::MARCO),
            String::new(),
            format!("  2.  Be a customer           {}", self.phone_url),
            "      Write something on the phone, by Telegram or WhatsApp, and answer it in the inbox.".to_owned(),
            format!("      Or be a visitor of its website, with the chat on it: {}", self.shop_url),
            String::new(),
        ];
        if !HAS_APP {
            lines.push("  This program was built without the members' app: `make run` builds it in.".to_owned());
            lines.push(format!("  The API is there: {}/api/v1/openapi.json", self.url));
        }
        if self.open_to_others {
            lines.push("  Others reach this address too, and can sign in with these passwords!".to_owned());
        }
        lines.push(format!("  Everything is kept in {}; delete the folder to begin anew.", self.data.display()));
        lines.push("  Ctrl-C stops the demo.".to_owned());
        lines.push(String::new());
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(open_to_others: bool) -> Told {
        let phone_url = "http://127.0.0.1:8081/phone?bot=b&person=1".to_owned();
        let shop_url = "http://127.0.0.1:8082".to_owned();
        Told {
            url: "http://127.0.0.1:8080".to_owned(),
            phone_url,
            shop_url,
            data: "parloir-demo".into(),
            open_to_others,
        }
    }

    #[test]
    fn the_block_says_where_to_look_and_how_to_sign_in() {
        let block = told(false).words(false);
        let parts = [
            "http://127.0.0.1:8080",
            "/phone?bot=b",
            cast::GIULIA.email,
            cast::MARCO.password,
            "parloir-demo",
            "Ctrl-C",
        ];
        for part in parts {
            assert!(block.contains(part), "{part} is missing in:\n{block}");
        }
        assert_eq!(block.contains("make run"), !HAS_APP);
        assert!(!block.contains("Others") && told(true).words(false).contains("Others"));
    }

    #[test]
    fn for_scripts_it_is_one_line() {
        let line = told(false).words(true);
        let told: Value = serde_json::from_str(&line).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(told["members"][0]["email"], cast::GIULIA.email);
        assert_eq!(told["members"][1]["role"], "agent");
    }
}
