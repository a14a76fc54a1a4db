//! A mail's own formatting, with the pictures that came with it in their places.

use http::Method;

use super::servers::Servers;
use super::{Shop, with_mail_servers};
use crate::client::text_of;
use crate::house::{House, until};

with_mail_servers!(a_picture_stands_where_the_mail_shows_it_and_nothing_else_does);

/// The smallest picture there is: a GIF of one point.
const GIF: &str = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
/// What browsers run if they take it for a document.
const SVG: &str = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciPjxzY3JpcHQ+YWxlcnQoMSk8L3NjcmlwdD48L3N2Zz4=";

fn part(id: &str, content_type: &str, base64: &str) -> String {
    format!(
        "--b\r\nContent-Type: {content_type}\r\nContent-ID: <{id}>\r\nContent-Disposition: inline\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{base64}\r\n"
    )
}

async fn a_picture_stands_where_the_mail_shows_it_and_nothing_else_does(house: &House, servers: &Servers) {
    let shop = Shop::connect(house, servers).await;
    let html = "<p>Our bread</p><img src=\"cid:bread@shop\"><img src=\"cid:drawn@shop\"><img src=\"cid:lie@shop\">\
                <img src=\"https://pictures.example/pixel.gif\">";
    let parts = [
        part("bread@shop", "image/gif", GIF),
        part("drawn@shop", "image/svg+xml", SVG),
        part("lie@shop", "image/png", SVG),
    ];
    let mail = format!(
        "From: anna@anna.example\r\nTo: {}\r\nMessage-ID: <bread@anna.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n{}--b--\r\n",
        shop.mailbox.address,
        parts.concat()
    );
    shop.mailbox.deliver(mail.as_bytes());
    let (conversation, message) = shop.arrived("Our bread").await;
    let id = text_of(&message["id"]);
    until("its files are here", async || {
        let shown = shop.agent.message(&conversation, &id).await;
        let files = shown["attachments"].as_array().unwrap();
        (files.len() == 3 && files.iter().all(|file| file["state"] == "stored")).then_some(())
    })
    .await;
    let page = shop.agent.call(Method::GET, &format!("/messages/{id}/html"), None).await;
    assert_eq!(page.status.as_u16(), 200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("sandbox; default-src 'none'") && !policy.contains("https:"), "{policy}");
    let shown = page.text();
    assert!(shown.contains(&format!("<img src=\"data:image/gif;base64,{GIF}\">")), "{shown}");
    assert!(shown.contains("cid:drawn@shop") && shown.contains("cid:lie@shop"), "neither is a picture: {shown}");
    assert_eq!(shown.matches("data:").count(), 1, "{shown}");
}
