//! A password goes to the server it was given for: who may change a channel cannot have it sent elsewhere.

use http::Method;
use serde_json::json;

use crate::client::text_of;
use crate::house::House;

both_engines!(a_password_is_led_nowhere_else);

async fn a_password_is_led_nowhere_else(house: &House) {
    let owner = &house.workspace.owner;
    // Nobody listens there: the channel needs attention, and has what it was given.
    let server = |port: u16| json!({ "host": "127.0.0.1", "port": port, "tls": "none", "username": "shop" });
    let mut settings = json!({ "address": "shop@example.org", "imap": server(1), "smtp": server(1) });
    settings["imap"]["password"] = json!("s3cret");
    let made = owner.post("/channels", json!({ "kind": "email", "name": "Mail", "settings": settings })).await;
    let path = format!("/channels/{}", text_of(&made["id"]));
    for (changed, key) in [
        (json!({ "imap": { "host": "mail.elsewhere.example" } }), "settings.imap.host"),
        (json!({ "imap.port": "2" }), "settings.imap.port"),
        // The mailbox's password goes there, too, as there is no other.
        (json!({ "smtp": { "host": "mail.elsewhere.example" } }), "settings.smtp.host"),
        (json!({ "imap": { "tls": null } }), "settings.imap.tls"),
        (json!({ "smtp": { "host": "mail.elsewhere.example", "password": "" } }), "settings.smtp.host"),
    ] {
        let refused = owner.call(Method::PATCH, &path, Some(&json!({ "settings": changed }))).await;
        assert!(refused.status == 422 && refused.text().contains(key), "{refused}");
    }
    // Who gives a password of their own sends that, and cannot take it away again afterwards.
    let own = json!({ "smtp": { "port": 2, "password": "mine" } });
    owner.patch(&path, json!({ "settings": own })).await;
    for taken in [json!({ "smtp": { "password": null } }), json!({ "smtp.password": "" })] {
        let refused = owner.call(Method::PATCH, &path, Some(&json!({ "settings": taken }))).await;
        assert!(refused.status == 422 && refused.text().contains("imap.password"), "{refused}");
    }
    for harmless in [json!({ "imap": server(1) }), json!({ "imap": { "port": 2, "password": "s3cret" } })] {
        let kept = owner.patch(&path, json!({ "settings": harmless })).await;
        assert_eq!(kept["kind"], "email", "{kept}");
    }
    // Nobody listens there, so it would be asked again and again.
    owner.call(Method::DELETE, &path, None).await;
}
