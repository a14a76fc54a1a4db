//! What WhatsApp shows of the business
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/business-profiles>).

use serde_json::{Map, Value};

use super::address;
use super::refusal;
use crate::channels::meta::graph;
use crate::json::{list, string, text};
use crate::{Account, Call, Fault, HttpCall, Profile, Reply, SendError, Step};

const FIELDS: &str = "about,address,description,email,websites,vertical";
/// The longest line below the name, address, description and address of mail, in characters.
const ABOUT: usize = 139;
const ADDRESS: usize = 256;
const DESCRIPTION: usize = 512;
const EMAIL: usize = 128;
/// The most pages, and the longest address of one, in characters.
const WEBSITES: usize = 2;
const WEBSITE: usize = 256;
/// Meta's words for trades, in lower case.
const TRADES: [&str; 23] = [
    "alcohol",
    "apparel",
    "auto",
    "beauty",
    "edu",
    "entertain",
    "event_plan",
    "finance",
    "govt",
    "grocery",
    "health",
    "hotel",
    "nonprofit",
    "not_a_biz",
    "online_gambling",
    "other",
    "otc_drugs",
    "physical_gambling",
    "prof_services",
    "restaurant",
    "retail",
    "travel",
    "undefined",
];

/// The next step of reading it.
pub(super) fn read(account: &Account, replies: &[Reply]) -> Step<Profile> {
    let Some(reply) = replies.first() else {
        let call = path(account).and_then(|path| graph::get(account, "whatsapp.profile", &path, &[("fields", FIELDS)]));
        return call.map_or_else(Step::Fail, |call| Step::Call(Call::Http(call)));
    };
    match graph::read(reply, true) {
        Ok(answer) => Step::Done(list(&answer, "/data").first().map(profile).unwrap_or_default()),
        Err(failure) => Step::Fail(refusal::failure(failure)),
    }
}

/// The next step of changing it. The same change twice is one.
pub(super) fn change(change: &Profile, account: &Account, replies: &[Reply]) -> Step<()> {
    let Some(reply) = replies.first() else {
        let call = path(account).and_then(|path| graph::post(account, "whatsapp.profile_change", &path, &body(change)));
        return call.map_or_else(Step::Fail, |call| Step::Call(Call::Http(HttpCall { repeatable: true, ..call })));
    };
    match graph::read(reply, true) {
        Ok(answer) if graph::succeeded(&answer) => Step::Done(()),
        Ok(_) => Step::Fail(SendError::Retry("Meta did not say that the profile was changed".to_owned())),
        Err(failure) => Step::Fail(refusal::failure(failure)),
    }
}

fn path(account: &Account) -> Result<String, SendError> {
    Ok(format!("{}/whatsapp_business_profile", address::number(account)?))
}

fn profile(said: &Value) -> Profile {
    let some = |key: &str| string(said, key).filter(|text| !text.is_empty());
    let websites: Vec<String> =
        list(said, "/websites").iter().filter_map(|one| string(one, "")).filter(|one| !one.is_empty()).collect();
    Profile {
        about: some("/about"),
        address: some("/address"),
        description: some("/description"),
        email: some("/email"),
        websites: Some(websites),
        category: text(said, "/vertical").map(str::to_lowercase).filter(|word| TRADES.contains(&word.as_str())),
    }
}

fn body(change: &Profile) -> Value {
    let mut body = Map::from_iter([("messaging_product".to_owned(), Value::from("whatsapp"))]);
    let texts = [
        ("about", &change.about),
        ("address", &change.address),
        ("description", &change.description),
        ("email", &change.email),
    ];
    for (key, text) in texts {
        body.extend(text.as_ref().map(|text| (key.to_owned(), text.as_str().into())));
    }
    body.extend(change.websites.as_ref().map(|pages| ("websites".to_owned(), pages.clone().into())));
    body.extend(change.category.as_ref().map(|word| ("vertical".to_owned(), word.to_uppercase().into())));
    body.into()
}

/// What Meta would refuse of a change.
pub(super) fn faults(change: &Profile) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut long = |field: &str, text: &Option<String>, most: usize| {
        if text.as_ref().is_some_and(|text| text.chars().count() > most || text.contains('\0')) {
            found.push(Fault::of(field, format!("at most {most} characters")));
        }
    };
    long("about", &change.about, ABOUT);
    long("address", &change.address, ADDRESS);
    long("description", &change.description, DESCRIPTION);
    long("email", &change.email, EMAIL);
    if change.about.as_ref().is_some_and(|about| about.trim().is_empty()) {
        found.push(Fault::of("about", "WhatsApp does not let this be empty: write another line, or leave it as it is"));
    }
    let mail = |mail: &str| mail.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    if change
        .email
        .as_deref()
        .is_some_and(|email| !email.is_empty() && (!mail(email) || email.contains(char::is_whitespace)))
    {
        found.push(Fault::of("email", "an address of mail, or nothing"));
    }
    let page = |page: &String| {
        let web = page.starts_with("https://") || page.starts_with("http://");
        web && page.chars().count() <= WEBSITE && !page.contains(char::is_whitespace)
    };
    if change.websites.as_ref().is_some_and(|pages| pages.len() > WEBSITES || !pages.iter().all(page)) {
        found.push(Fault::of("websites", "at most two absolute addresses of at most 256 characters"));
    }
    if change.category.as_deref().is_some_and(|word| !TRADES.contains(&word)) {
        found.push(Fault::of("category", format!("one of {}", TRADES.join(", "))));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_names_its_field() {
        let wrong = |change: Profile| faults(&change).into_iter().map(|fault| fault.field).collect::<Vec<_>>();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(wrong(Profile::default()), [""; 0]);
        let sound = Profile {
            about: some("Pane"),
            address: some(""),
            description: some("Forno"),
            email: some("ciao@forno.example"),
            websites: Some(vec!["https://forno.example".into()]),
            category: some("restaurant"),
        };
        assert_eq!(wrong(sound), [""; 0]);
        assert_eq!(wrong(Profile { about: some(""), ..Profile::default() }), ["about"]);
        assert_eq!(wrong(Profile { about: Some("x".repeat(140)), ..Profile::default() }), ["about"]);
        assert_eq!(wrong(Profile { email: some("nessuna"), ..Profile::default() }), ["email"]);
        assert_eq!(wrong(Profile { websites: Some(vec!["forno.example".into()]), ..Profile::default() }), ["websites"]);
        assert_eq!(wrong(Profile { category: some("bakery"), ..Profile::default() }), ["category"]);
    }
}
