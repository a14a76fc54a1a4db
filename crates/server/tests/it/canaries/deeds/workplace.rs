//! A member arranges the workspace, each thing with a name of its own.

use http::Method;
use serde_json::json;

use super::Deeds;
use crate::client::text_of;

impl Deeds {
    pub(super) async fn arrange(&mut self) {
        let c = &mut self.canaries;
        let team = self.member.post("/teams", json!({ "name": c.shown("team") })).await;
        self.member.post("/labels", json!({ "name": c.shown("label of its own"), "colour": "1" })).await;
        let reply = json!({ "shortcut": c.shown("shortcut"), "text": c.shown("canned reply"), "team_id": team["id"] });
        self.member.post("/canned-replies", reply).await;
        let view = json!({ "name": c.shown("view"), "filter": { "q": c.shown("filter") } });
        self.member.post("/views", view).await;
        let holidays = json!([{ "date": "2030-12-25", "name": c.fresh("holiday") }]);
        let hours = json!({ "timezone": "Europe/Rome", "week": {}, "holidays": holidays });
        self.member.call(Method::PUT, "/business-hours", Some(&hours)).await.json(200);
        let preferences = json!({ c.shown("preference"): c.shown("preference's value") });
        self.member.patch("/me", json!({ "preferences": preferences })).await;
        let email = format!("{}@example.org", c.shown("invited e-mail"));
        let invited = json!({ "email": email, "name": c.shown("invited name"), "role": "agent" });
        let invited = self.member.post("/members", invited).await;
        let token = text_of(&invited["invitation"]["url"]).split_off(text_of(&invited["invitation"]["url"]).len() - 64);
        c.known("invitation", &token);
        let accepted = json!({ "token": token, "password": c.fresh("accepted password") });
        self.nobody().call(Method::POST, "/api/v1/invitations/accept", Some(&accepted)).await.json(200);
    }
}
