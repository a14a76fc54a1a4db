//! What Meta takes of a template (<https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components>),
//! said before Meta is asked, field by field.

use crate::placeholders::{named_in, pieces};
use crate::{Fault, Forbids, OutFile, TemplateCategory, TemplateDraft, TemplateDraftButton, TemplateHeader, forbidden};

/// The longest name, in bytes.
const NAME: usize = 512;
/// The longest header and footer, in characters.
const LINE: usize = 60;
/// The longest text, in characters.
const BODY: usize = 1024;
/// The most buttons, and the longest label of one, in characters.
const BUTTONS: usize = 10;
const LABEL: usize = 25;
/// The longest address of a button, the longest number and the longest code, in characters.
const URL: usize = 2000;
const NUMBER: usize = 20;
const CODE: usize = 15;
/// Buttons of one kind that there may be.
const MOST: [(&str, usize); 4] = [("quick_reply", BUTTONS), ("url", 2), ("phone_number", 1), ("copy_code", 1)];
/// The files that a header takes: kind, types, and the largest, in bytes.
const FILES: [(&str, &[&str], u64); 3] = [
    ("image", &["image/jpeg", "image/png"], 5 << 20),
    ("video", &["video/mp4"], 16 << 20),
    ("document", &["application/pdf"], 100 << 20),
];

/// Everything that Meta would refuse.
pub(in crate::channels::whatsapp) fn faults(draft: &TemplateDraft) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut not = |wrong: bool, field: &str, why: &str| {
        if wrong {
            found.push(Fault::of(field, why));
        }
    };
    not(!is_name(&draft.name), "name", "1 to 512 lower-case letters, digits and underscores");
    not(!is_language(&draft.language), "language", "a language as WhatsApp writes it, such as it, en_US or pt_BR");
    not(
        draft.category == TemplateCategory::Authentication,
        "category",
        "marketing or utility: templates for one-time codes have a text of Meta's own, and are made in the WhatsApp Manager",
    );
    not(draft.body.trim().is_empty() || count(&draft.body) > BODY, "body", "1 to 1024 characters");
    not(draft.body.contains("\n\n\n"), "body", "at most one empty line between two paragraphs");
    let footer = draft.footer.as_deref().unwrap_or("x");
    not(
        !is_line(footer) || !named_in(footer).is_empty(),
        "footer",
        "1 to 60 characters in one line, without variables",
    );
    found.extend(header(draft));
    found.extend(in_body(draft));
    found.extend(buttons(&draft.buttons));
    found.extend(forbidden_in(draft));
    found
}

fn count(text: &str) -> usize {
    text.chars().count()
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && count(text) <= LINE && !text.chars().any(char::is_control)
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=NAME).contains(&name.len()) && name.bytes().all(plain)
}

fn is_language(language: &str) -> bool {
    let (word, land) = language.split_once('_').unwrap_or((language, "XX"));
    (2..=3).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_lowercase())
        && (2..=3).contains(&land.len())
        && land.bytes().all(|b| b.is_ascii_uppercase())
}

fn header(draft: &TemplateDraft) -> Vec<Fault> {
    let fault = |field: &str, why: &str| vec![Fault::of(field, why)];
    match (&draft.header, &draft.file) {
        (Some(TemplateHeader::File { role }), Some(file)) => file_of(role, file),
        (Some(TemplateHeader::File { .. }), None) => {
            fault("header.attachment", "a header that is a file needs one as an example")
        }
        (_, Some(_)) => fault("header.attachment", "only a header that is a file takes one"),
        (Some(TemplateHeader::Text { text }), None) if !is_line(text) || named_in(text).len() > 1 => {
            fault("header.text", "1 to 60 characters in one line, with at most one variable")
        }
        (Some(TemplateHeader::Text { text }), None) => {
            let example = draft.header_example.as_deref().unwrap_or_default();
            match named_in(text).first() {
                Some(name) if name.parse().is_ok_and(|number: u32| number != 1) => {
                    fault("header.text", "the variable of a header is {{1}}, or has a name")
                }
                Some(_) if !is_line(example) => fault("header.example", "the header's variable needs an example"),
                _ => Vec::new(),
            }
        }
        (Some(TemplateHeader::Place) | None, None) => Vec::new(),
    }
}

fn file_of(role: &str, file: &OutFile) -> Vec<Fault> {
    let Some((_, types, largest)) = FILES.iter().find(|(known, ..)| *known == role) else {
        return vec![Fault::of("header.kind", "text, image, video, document or place")];
    };
    let essence = file.content_type.split(';').next().unwrap_or_default().trim();
    if !types.contains(&essence) || file.size == 0 || file.size > *largest {
        let why = format!("{} of at most {} MB", types.join(" or "), largest >> 20);
        return vec![Fault::of("header.attachment", why)];
    }
    Vec::new()
}

fn in_body(draft: &TemplateDraft) -> Vec<Fault> {
    let mut found = Vec::new();
    let named = named_in(&draft.body);
    let numbers: Vec<u32> = named.iter().filter_map(|name| name.parse().ok()).collect();
    let lower = |name: &String| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let in_row = (1..=numbers.len()).all(|number| u32::try_from(number).is_ok_and(|it| numbers.contains(&it)));
    if !numbers.is_empty() && numbers.len() < named.len() {
        found.push(Fault::of("body", "all variables have numbers, or all have names"));
    } else if !in_row {
        found.push(Fault::of("body", "variables count from {{1}} without a gap"));
    } else if !named.iter().all(lower) {
        found.push(Fault::of("body", "names of variables are lower-case letters, digits and underscores"));
    }
    let parts = pieces(draft.body.trim());
    let before = |(text, name): &(&str, Option<&str>)| name.is_some() && text.trim().is_empty();
    let ends = parts.len() > 1 && parts.last().is_some_and(|(text, _)| text.trim().is_empty());
    if parts.iter().any(before) || ends {
        let why =
            "a variable stands neither at the beginning nor at the end, and never beside another without words between";
        found.push(Fault::of("body", why));
    }
    let example = |name: &String| draft.examples.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let missing =
        named.iter().find(|name| example(name).is_none_or(|value| value.trim().is_empty() || value.contains('\n')));
    if let Some(name) = missing {
        found.push(Fault::of("examples", format!("the variable {name} needs an example in one line")));
    }
    if draft.examples.iter().any(|(name, _)| !named.contains(name)) {
        found.push(Fault::of("examples", "there is an example of a variable that the text does not have"));
    }
    found
}

fn buttons(all: &[TemplateDraftButton]) -> Vec<Fault> {
    let mut found = Vec::new();
    if all.len() > BUTTONS {
        found.push(Fault::of("buttons", "at most 10 buttons"));
    }
    for (kind, most) in MOST {
        if all.iter().filter(|button| button.kind == kind).count() > most {
            found.push(Fault::of("buttons", format!("at most {most} of the kind {kind}")));
        }
    }
    // Quick replies and others are each together.
    let turns = all.windows(2).filter(|pair| is_quick(&pair[0]) != is_quick(&pair[1])).count();
    if turns > 1 {
        found.push(Fault::of("buttons", "quick replies stand together, before or after all others"));
    }
    for (index, button) in all.iter().enumerate() {
        found.extend(of_button(button).map(|(part, why)| Fault::of(format!("buttons.{index}.{part}"), why)));
    }
    found
}

fn is_quick(button: &TemplateDraftButton) -> bool {
    button.kind == "quick_reply"
}

fn of_button(button: &TemplateDraftButton) -> Option<(&'static str, &'static str)> {
    let TemplateDraftButton { kind, label, target, example } = button;
    let (target, example) = (target.as_deref().unwrap_or_default(), example.as_deref().unwrap_or_default());
    let labelled = !label.trim().is_empty() && count(label) <= LABEL && !label.chars().any(char::is_control);
    if kind != "copy_code" && (!labelled || !named_in(label).is_empty()) {
        return Some(("label", "1 to 25 characters, without variables"));
    }
    match kind.as_str() {
        "quick_reply" => (!target.is_empty()).then_some(("target", "a quick reply leads nowhere")),
        "url" => of_url(target, example),
        "phone_number" => {
            let digits = target.strip_prefix('+').unwrap_or_default();
            let sound = digits.len() >= 6 && count(target) <= NUMBER && digits.bytes().all(|b| b.is_ascii_digit());
            (!sound).then_some(("target", "a telephone number with its country's code, such as +390612345678"))
        }
        "copy_code" => {
            let sound = (1..=CODE).contains(&count(example)) && example.chars().all(char::is_alphanumeric);
            (!sound).then_some(("example", "an example of the code: 1 to 15 letters and digits"))
        }
        _ => Some(("kind", "quick_reply, url, phone_number or copy_code")),
    }
}

fn of_url(target: &str, example: &str) -> Option<(&'static str, &'static str)> {
    let web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    let sound = |url: &str| web(url) && count(url) <= URL && !url.chars().any(|c| c.is_whitespace() || c.is_control());
    let names = named_in(target);
    if !sound(target) || names.len() > 1 || !names.is_empty() && !target.ends_with("{{1}}") {
        return Some(("target", "an absolute address, at whose end one variable {{1}} may stand"));
    }
    (!names.is_empty() && !sound(example)).then_some(("example", "the whole address with its variable filled in"))
}

/// What no template may ask for or say.
fn forbidden_in(draft: &TemplateDraft) -> Vec<Fault> {
    let header = match &draft.header {
        Some(TemplateHeader::Text { text }) => text.as_str(),
        Some(TemplateHeader::File { .. } | TemplateHeader::Place) | None => "",
    };
    let examples = draft.examples.iter().map(|(_, value)| ("examples", value.as_str()));
    let buttons =
        draft.buttons.iter().flat_map(|button| [Some(&button.label), button.target.as_ref(), button.example.as_ref()]);
    let buttons = buttons.flatten().map(|text| ("buttons", text.as_str()));
    let one = [
        ("header.text", header),
        ("header.example", draft.header_example.as_deref().unwrap_or_default()),
        ("body", draft.body.as_str()),
        ("footer", draft.footer.as_deref().unwrap_or_default()),
    ];
    let all = one.into_iter().chain(examples).chain(buttons);
    let found = all.filter_map(|(field, text)| Some((field, forbidden::in_text(Forbids::WHATSAPP, text)?)));
    found.map(|(field, found)| Fault::of(field, found.why())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> TemplateDraft {
        serde_json::from_value(serde_json::json!({
            "name": "order_update", "language": "it", "category": "utility",
            "header": {"kind": "text", "text": "Ordine {{1}}"}, "header_example": "A-1",
            "body": "Salve {{1}}, il suo ordine {{2}} e pronto.", "examples": [["1", "Anna"], ["2", "A-1"]],
            "footer": "Forno Nord",
            "buttons": [{"kind": "quick_reply", "label": "Grazie"},
                {"kind": "url", "label": "Vedi", "target": "https://example.org/{{1}}", "example": "https://example.org/7"}],
        }))
        .expect("a draft")
    }

    /// The fields that are wrong after a change.
    fn wrong(change: impl FnOnce(&mut TemplateDraft)) -> Vec<String> {
        let mut changed = draft();
        change(&mut changed);
        faults(&changed).into_iter().map(|fault| fault.field).collect()
    }

    fn button(kind: &str, label: &str, target: &str, example: &str) -> TemplateDraftButton {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        TemplateDraftButton { kind: kind.into(), label: label.into(), target: some(target), example: some(example) }
    }

    #[test]
    fn a_sound_template_has_no_faults() {
        assert_eq!(faults(&draft()), []);
        assert_eq!(wrong(|it| it.buttons.clear()), [""; 0]);
    }

    #[test]
    fn each_rule_names_its_field() {
        for name in ["", "Order", "a b", "\u{e9}"] {
            assert_eq!(wrong(|it| it.name = name.into()), ["name"], "{name}");
        }
        for language in ["", "italiano", "it-IT", "IT"] {
            assert_eq!(wrong(|it| it.language = language.into()), ["language"], "{language}");
        }
        assert_eq!(wrong(|it| it.category = TemplateCategory::Authentication), ["category"]);
        assert_eq!(wrong(|it| it.footer = Some("x".repeat(61))), ["footer"]);
        assert_eq!(wrong(|it| it.footer = Some("di {{1}}".into())), ["footer"]);
        assert_eq!(wrong(|it| it.header_example = None), ["header.example"]);
        assert_eq!(wrong(|it| it.header = Some(TemplateHeader::Text { text: "a\nb".into() })), ["header.text"]);
        let photo = Some(TemplateHeader::File { role: "image".into() });
        assert_eq!(wrong(|it| it.header.clone_from(&photo)), ["header.attachment"]);
    }

    #[test]
    fn variables_stand_where_meta_lets_them() {
        let body = |text: &str, names: &[&str]| {
            let (text, examples) = (text.to_owned(), names.iter().map(|name| ((*name).to_owned(), "x".to_owned())));
            let examples: Vec<_> = examples.collect();
            wrong(|it| (it.body, it.examples) = (text, examples))
        };
        assert_eq!(body("Salve {{name}}, ciao", &["name"]), [""; 0]);
        for (text, names) in [
            ("{{1}} ciao", vec!["1"]),
            ("ciao {{1}}", vec!["1"]),
            ("a {{1}} {{2}} b", vec!["1", "2"]),
            ("a {{1}} b {{3}} c", vec!["1", "3"]),
            ("a {{1}} b {{name}} c", vec!["1", "name"]),
            ("a {{Name}} b", vec!["Name"]),
            ("a\n\n\nb", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(body(text, &names), ["body"], "{text}");
        }
        assert_eq!(body("a {{1}} b", &[]), ["examples"]);
        assert_eq!(body("a b", &["1"]), ["examples"]);
    }

    #[test]
    fn buttons_are_few_and_sound() {
        let with = |buttons: Vec<TemplateDraftButton>| wrong(|it| it.buttons = buttons);
        let quick = |label: &str| button("quick_reply", label, "", "");
        let link = || button("url", "Vedi", "https://example.org", "");
        assert_eq!(with(vec![quick("a"), link(), quick("b")]), ["buttons"]);
        assert_eq!(with(vec![link(), link(), link()]), ["buttons"]);
        assert_eq!(with((0..11).map(|n| quick(&n.to_string())).collect()), ["buttons", "buttons"]);
        assert_eq!(with(vec![quick("")]), ["buttons.0.label"]);
        assert_eq!(with(vec![button("url", "Vedi", "example.org", "")]), ["buttons.0.target"]);
        assert_eq!(with(vec![button("url", "Vedi", "https://a.example/{{1}}/x", "")]), ["buttons.0.target"]);
        assert_eq!(with(vec![button("url", "Vedi", "https://a.example/{{1}}", "")]), ["buttons.0.example"]);
        assert_eq!(with(vec![button("phone_number", "Chiama", "0612345678", "")]), ["buttons.0.target"]);
        assert_eq!(with(vec![button("phone_number", "Chiama", "+390612345678", "")]), [""; 0]);
        assert_eq!(with(vec![button("copy_code", "", "", "PANE-10")]), ["buttons.0.example"]);
        assert_eq!(with(vec![button("copy_code", "", "", "PANE10")]), [""; 0]);
        assert_eq!(with(vec![button("flow", "x", "", "")]), ["buttons.0.kind"]);
    }

    #[test]
    fn no_card_number_is_handed_in() {
        assert_eq!(wrong(|it| it.footer = Some("4111 1111 1111 1111".into())), ["footer"]);
        assert_eq!(wrong(|it| it.examples[1].1 = "4111 1111 1111 1111".into()), ["examples"]);
    }
}
