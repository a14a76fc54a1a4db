//! What a Spec says is what the connector does.

use connect::{
    BlobHandle, Button, Call, Capability, Card, Content, IdentityKind, Method, OutFile, Outgoing, PersonIdentity,
    Place, Receipt, Recipient, Reply, Row, Section, SendError, Step, TemplateUse,
};

use crate::worlds::{World, ctx, worlds};

/// Something of each kind to be sent, with the capability that allows it.
pub(crate) fn contents(world: &World) -> Vec<(Capability, Content)> {
    let remote = remote(world);
    let text = |buttons| Content::Text { text: "PrIvAtE text".to_owned(), buttons };
    let button = Button { label: "Yes".to_owned(), data: Some("yes".to_owned()), url: None };
    let file = OutFile {
        blob: BlobHandle("att_1".to_owned()),
        name: "PrIvAtE.png".to_owned(),
        content_type: "image/png".to_owned(),
        size: 1000,
    };
    let place = Place { latitude: 45.0, longitude: 9.0, name: None, address: None };
    let row = Row { label: "One".to_owned(), data: "1".to_owned(), description: None };
    let sections = vec![Section { title: String::new(), rows: vec![row] }];
    let list = Content::List { text: "PrIvAtE text".to_owned(), open: "Choose".to_owned(), sections };
    let template = TemplateUse {
        name: "order_update".to_owned(),
        language: "it".to_owned(),
        category: None,
        file_role: None,
        header: None,
        header_name: None,
        file: None,
        place: None,
        body: vec![("1".to_owned(), "PrIvAtE".to_owned())],
        buttons: Vec::new(),
        rendered: "Your order PrIvAtE".to_owned(),
    };
    let card = Card { name: "PrIvAtE".to_owned(), phones: vec!["+393331234567".to_owned()], emails: Vec::new() };
    vec![
        (Capability::Text, text(Vec::new())),
        (Capability::Buttons, text(vec![vec![button]])),
        (Capability::Buttons, Content::AnswerChoice { callback: "c1".to_owned() }),
        (Capability::Files, Content::Files { files: vec![file], caption: Some("PrIvAtE".to_owned()) }),
        (Capability::Place, Content::Place(place)),
        (Capability::Card, Content::Card(card)),
        (Capability::Reaction, Content::Reaction { remote: remote.clone(), emoji: Some("\u{1f44d}".to_owned()) }),
        (Capability::Edit, Content::Edit { remote: remote.clone(), text: "PrIvAtE text".to_owned() }),
        (Capability::Remove, Content::Remove { remotes: vec![remote.clone()] }),
        (Capability::List, list),
        (Capability::Template, Content::Template(template)),
        (Capability::Typing, Content::Typing { last: None }),
        (Capability::Seen, Content::Seen { remote }),
    ]
}

/// A message in the test thread.
pub(crate) fn remote(world: &World) -> String {
    match world.kind() {
        "whatsapp" => "wamid.1111111==".to_owned(),
        "sms_twilio" | "whatsapp_twilio" => "SM11111111111111111111111111111111".to_owned(),
        "messenger" | "instagram" => "m_1111111==".to_owned(),
        "email" | "gmail" | "outlook" => "1111111.PrIvAtE@mail.test".to_owned(),
        _ => format!("{}:7", thread(world).unwrap_or_default()),
    }
}

/// Where the contact wrote; nothing where a person's own conversation has no name.
fn thread(world: &World) -> Option<&'static str> {
    match world.kind() {
        "telegram" => Some("1111111"),
        "whatsapp" | "messenger" | "instagram" | "sms_twilio" | "whatsapp_twilio" | "sms_telnyx" | "email"
        | "gmail" | "outlook" => None,
        _ => Some("visitor"),
    }
}

fn identity(world: &World) -> PersonIdentity {
    let (kind, scope, value) = match world.kind() {
        "whatsapp" | "sms_twilio" | "whatsapp_twilio" | "sms_telnyx" => (IdentityKind::Phone, "", "+391111111000"),
        "messenger" | "instagram" => (IdentityKind::AccountScopedId, "1084386248085549", "1111111222333"),
        "email" | "gmail" | "outlook" => (IdentityKind::Email, "", "1111111private@mail.test"),
        _ => (IdentityKind::ExternalId, "chn_1", "u1"),
    };
    PersonIdentity { kind, scope: scope.to_owned(), value: value.to_owned() }
}

pub(crate) fn outgoing(world: &World, content: Content) -> Outgoing {
    let to = Recipient { thread: thread(world).map(str::to_owned), identities: vec![identity(world)] };
    Outgoing {
        reply_to: Some(remote(world)),
        view: r#"{"id":"msg_1","text":"PrIvAtE text"}"#.to_owned(),
        ..Outgoing::new("msg_1".to_owned(), "obx_1".to_owned(), to, content)
    }
}

fn send(world: &World, content: Content, replies: &[Reply]) -> Step<Receipt> {
    world.connector.send(&ctx(), &outgoing(world, content), &world.account, replies)
}

#[test]
fn capabilities_are_what_send_does() {
    for world in worlds() {
        for (capability, content) in contents(&world) {
            let listed = world.connector.spec().capabilities.contains(&capability);
            let step = send(&world, content, &[]);
            match (listed, &step) {
                (true, Step::Call(_) | Step::Done(Receipt::Accepted { .. }))
                | (false, Step::Fail(SendError::Unsupported)) => {}
                _ => panic!("{} {capability:?}: {step:?}", world.kind()),
            }
        }
    }
}

#[test]
fn what_is_listed_of_templates_and_profiles_can_be_asked() {
    let draft = serde_json::json!({"name": "own", "language": "it", "category": "utility", "body": "Ecco."});
    let draft: connect::TemplateDraft = serde_json::from_value(draft).expect("a draft");
    let made = draft.made("1".to_owned(), connect::TemplateStatus::Approved, None);
    for world in worlds() {
        let (connector, account) = (world.connector, &world.account);
        let lists = |capability| connector.spec().capabilities.contains(&capability);
        let asked = [
            (Capability::Template, is_call(&connector.templates(&ctx(), account, &[]))),
            (Capability::MakeTemplate, is_call(&connector.make_template(&ctx(), &draft, account, &[]))),
            (Capability::MakeTemplate, is_call(&connector.drop_template(&ctx(), &made, account, &[]))),
            (Capability::Profile, is_call(&connector.profile(&ctx(), account, &[]))),
            (Capability::Profile, is_call(&connector.set_profile(&ctx(), &connect::Profile::default(), account, &[]))),
        ];
        for (capability, found) in asked {
            assert_eq!(found, Some(lists(capability)), "{} {capability:?}", world.kind());
        }
        assert!(!lists(Capability::MakeTemplate) || lists(Capability::Template), "what is made must be listed");
    }
}

/// Whether something begins with a call; `None` where it neither does nor says that it cannot.
fn is_call<T>(step: &Step<T>) -> Option<bool> {
    match step {
        Step::Call(_) => Some(true),
        Step::Fail(SendError::Unsupported) => Some(false),
        Step::Done(_) | Step::Fail(_) => None,
    }
}

#[test]
fn a_text_over_the_limit_is_refused_with_words() {
    for world in worlds() {
        let limit = world.connector.spec().limits.text as usize;
        let text = |length| Content::Text { text: "x".repeat(length), buttons: Vec::new() };
        assert!(!matches!(send(&world, text(limit.max(1)), &[]), Step::Fail(_)), "{}", world.kind());
        if limit > 0 {
            let Step::Fail(SendError::Refused { code, why }) = send(&world, text(limit + 1), &[]) else {
                panic!("{}", world.kind())
            };
            assert!(!code.is_empty() && why.ends_with('.'));
        }
    }
}

#[test]
fn what_may_have_been_sent_is_not_sent_again() {
    let lost = || Reply::Lost { why: "cut".to_owned() };
    let broken = || Reply::Answer { status: 500, headers: Vec::new(), body: b"<html>".to_vec() };
    for world in worlds() {
        for (capability, content) in contents(&world) {
            let Step::Call(Call::Http(call)) = send(&world, content.clone(), &[]) else { continue };
            for reply in [lost(), broken()] {
                match (call.repeatable, send(&world, content.clone(), &[reply])) {
                    (true, Step::Fail(SendError::Retry(_))) | (false, Step::Done(Receipt::Unknown)) => {}
                    // Bringing a file first may be repeated, but a lost first reply may stand for all that came after it.
                    (true, Step::Done(Receipt::Unknown)) if capability == Capability::Files => {}
                    // It asks whether it was sent, which changes nothing, before it says that nobody knows.
                    (false, Step::Call(Call::Http(asks))) if asks.repeatable && asks.method == Method::Get => {}
                    (_, other) => panic!("{} {capability:?}: {other:?}", world.kind()),
                }
            }
            let unsent = Reply::NotSent { why: "refused".to_owned() };
            assert!(matches!(send(&world, content, &[unsent]), Step::Fail(SendError::Retry(_))));
        }
    }
}

#[test]
fn a_mail_that_may_have_been_sent_is_not_sent_again() {
    for world in worlds() {
        for (_, content) in contents(&world) {
            let Step::Call(Call::Smtp(_)) = send(&world, content.clone(), &[]) else { continue };
            for reply in [Reply::Lost { why: "cut".to_owned() }, Reply::Unheard] {
                // Nor is a copy kept of it: nobody knows whether there is anything to copy.
                let step = send(&world, content.clone(), &[reply]);
                assert!(matches!(step, Step::Done(Receipt::Unknown)), "{}: {step:?}", world.kind());
            }
            let unsent = Reply::NotSent { why: "refused".to_owned() };
            assert!(matches!(send(&world, content, &[unsent]), Step::Fail(SendError::Retry(_))));
        }
    }
}

#[test]
fn specs_are_sound() {
    let mut kinds: Vec<_> = worlds().iter().map(World::kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), worlds().len());
    for world in worlds() {
        let spec = world.connector.spec();
        assert!(connect::channels::by_kind(spec.kind).is_some_and(|found| found.spec().kind == spec.kind));
        assert_eq!(spec.endpoint.is_some(), spec.base_url.starts_with("https://"));
        assert!(!spec.base_url.ends_with('/'));
        for field in spec.fields {
            assert!(!field.generated || field.secret, "{} {}", spec.kind, field.key);
            assert!(!field.shown_once || field.generated, "{} {}", spec.kind, field.key);
            assert!(!field.help.is_empty());
            assert!(!field.required || !field.generated, "{} {}", spec.kind, field.key);
            let made = field.generate([9; 32]);
            assert!(made.expose().len() >= 43);
        }
    }
}
