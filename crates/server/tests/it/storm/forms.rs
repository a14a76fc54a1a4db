//! Forms: one message or state a delivery, signed over the address and all fields.

use connect::{Account, Ctx};
use simulator::twilio::signature;

use super::door::Way;

pub(super) struct Forms;

impl Way for Forms {
    fn own(&self, body: &mut Vec<u8>, place: usize, _: usize) {
        let mut form = String::from_utf8(std::mem::take(body)).unwrap();
        for kind in ["SM", "MM"] {
            let own = format!("{kind}0123456789abcdef0123456789{place:06}");
            form = form.replace(&format!("{kind}0123456789abcdef0123456789abcdef"), &own);
        }
        *body = form.into_bytes();
    }

    fn proof(&self, _: &Ctx, account: &Account, _: Option<&str>, body: &[u8]) -> Vec<(String, String)> {
        let mut form: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        form.sort();
        form.dedup();
        let token = account.secret("auth_token");
        vec![("x-twilio-signature".to_owned(), signature(token.expose(), &account.hook_url, &form))]
    }

    fn content_type(&self) -> &'static str {
        "application/x-www-form-urlencoded"
    }
}
