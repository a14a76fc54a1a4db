//! What is wrong with an order of a template is said before it is sent.

use connect::{Template, TemplateButton, TemplateCategory, TemplateHeader, TemplateStatus};
use vault::Personal;

use super::{Filled, Ready, ready};
use crate::Error;

fn template() -> Template {
    Template {
        remote: "1".into(),
        name: "order_update".into(),
        language: "it".into(),
        category: TemplateCategory::Utility,
        status: TemplateStatus::Approved,
        quality: None,
        reason: None,
        header: Some(TemplateHeader::Text { text: "Ordine {{1}}".into() }),
        body: "Salve {{name}}, il suo ordine {{number}} è pronto.".into(),
        footer: Some("Bäckerei Nord".into()),
        buttons: vec![
            TemplateButton { kind: "quick_reply".into(), label: "Grazie".into(), target: None },
            TemplateButton {
                kind: "url".into(),
                label: "Vedi".into(),
                target: Some("https://example.org/{{1}}".into()),
            },
        ],
    }
}

fn filled() -> Filled {
    Filled {
        name: "order_update".into(),
        language: "it".into(),
        variables: Personal::new(vec![("number".into(), "A-1".into()), ("name".into(), "Anna".into())]),
        header: Some(Personal::new("A-1".into())),
        buttons: Personal::new(vec![(1, "a-1".into())]),
        ..Filled::default()
    }
}

fn wrong(order: &Filled) -> &'static str {
    match ready(&template(), order) {
        Err(Error::Invalid { field, .. }) => field,
        Err(_) => "another error",
        Ok(Ready { .. }) => "nothing",
    }
}

#[test]
fn it_reads_as_the_contact_will_read_it() {
    let Ok(ready) = ready(&template(), &filled()) else { panic!("it is whole") };
    assert_eq!(ready.rendered, "Ordine A-1\n\nSalve Anna, il suo ordine A-1 è pronto.\n\nBäckerei Nord");
    let order: Vec<_> = ready.used.variables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(order, ["name", "number"], "in the order of the text");
    assert_eq!(ready.used.buttons, [(1, "url".to_owned(), "a-1".to_owned())]);
    assert_eq!(ready.used.category, "utility");
}

#[test]
fn what_is_missing_or_too_much_is_named() {
    assert_eq!(wrong(&filled()), "nothing");
    let few = Filled { variables: Personal::new(vec![("name".into(), "Anna".into())]), ..filled() };
    let mut extra = filled().variables.into_revealed();
    extra.push(("colour".into(), "red".into()));
    let mut twice = filled().variables.into_revealed();
    twice.push(("name".into(), "Bea".into()));
    let broken = vec![("number".into(), "A\n1".into()), ("name".into(), "Anna".into())];
    for variables in [few.variables.into_revealed(), extra, twice, broken, Vec::new()] {
        assert_eq!(wrong(&Filled { variables: Personal::new(variables), ..filled() }), "template.variables");
    }
    for order in [Filled { header: None, ..filled() }, Filled { file: true, ..filled() }] {
        assert_eq!(wrong(&order), "template.header");
    }
    for buttons in
        [vec![], vec![(2, "x".to_owned())], vec![(1, "x".to_owned()), (1, "y".to_owned())], vec![(1, String::new())]]
    {
        assert_eq!(wrong(&Filled { buttons: Personal::new(buttons), ..filled() }), "template.buttons");
    }
    assert_eq!(
        wrong(&Filled { buttons: Personal::new(vec![(0, "thanks".into()), (1, "x".into())]), ..filled() }),
        "nothing"
    );
}

#[test]
fn a_header_of_a_file_takes_one() {
    let mut with_file = template();
    with_file.header = Some(TemplateHeader::File { role: "image".into() });
    let order = Filled { header: None, file: true, ..filled() };
    let Ok(ready) = ready(&with_file, &order) else { panic!("it is whole") };
    assert!(ready.rendered.starts_with("Salve Anna"));
    assert!(super::ready(&with_file, &Filled { file: false, ..order }).is_err());
}

#[test]
fn a_form_is_sent_with_what_brings_its_answer_back() {
    let form = TemplateButton { kind: "flow".into(), label: "Prenota".into(), target: None };
    let of = |given: Vec<(u32, String)>| super::buttons(std::slice::from_ref(&form), &given);
    assert_eq!(of(Vec::new()).unwrap(), [(0, "flow".to_owned(), "unused".to_owned())]);
    assert_eq!(of(vec![(0, "booking-7".into())]).unwrap(), [(0, "flow".to_owned(), "booking-7".to_owned())]);
}

#[test]
fn what_cannot_be_filled_in_is_said_before_it_is_sent() {
    for kind in ["mpm", "spm", "order_details"] {
        let button = TemplateButton { kind: kind.into(), label: "Vedi".into(), target: None };
        let Err(Error::Invalid { field, .. }) = super::buttons(&[button], &[]) else { panic!("{kind}") };
        assert_eq!(field, "template.name");
    }
}
