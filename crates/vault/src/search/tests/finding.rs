//! What is found.

use proptest::prelude::*;

use super::*;

fn write(index: &WorkspaceIndex, texts: &[(&str, &str)]) {
    let docs: Vec<_> = texts.iter().map(|(id, text)| doc(id, "con_1", text)).collect();
    index.write(&docs, &[]).expect("written");
}

#[test]
fn words_phrases_and_beginnings() {
    let (_, index) = fresh();
    write(
        &index,
        &[
            ("a", "My invoice was lost in the post"),
            ("b", "The post lost another parcel"),
            ("c", "Invoicing questions? Write to anna@example.org"),
            ("d", "東京都に行きます"),
        ],
    );
    for (text, expected) in [
        ("lost post", "a b"),
        ("lost post -invoice", "b"),
        ("-lost", "c d"),
        ("\"lost in the post\"", "a"),
        ("\"post lost\"", "b"),
        ("\"post lo", "b"),
        ("invoi", "a c"),
        ("INVOICE ", "a c"),
        ("\"invoice\"", "a"),
        ("anna@example.org", "c"),
        ("anna@exam", "c"),
        ("京都", "d"),
        ("都京", ""),
        ("nothing", ""),
        ("", "a b c d"),
        ("???", "a b c d"),
    ] {
        assert_eq!(found(&index, text), expected, "{text}");
    }
}

#[test]
fn stems_in_six_languages() {
    let (_, index) = fresh();
    write(
        &index,
        &[
            ("de", "Ich habe die Rechnungen noch nicht bekommen"),
            ("en", "Where are the shipping labels that I ordered?"),
            ("es", "No encuentro las canciones que compré para mi hija"),
            ("fr", "Je cherche les journaux que vous avez envoyés"),
            ("it", "Non ho ricevuto le spedizioni della settimana"),
            ("ru", "Где мои заказанные книги и счета?"),
        ],
    );
    for (text, expected) in [
        ("Rechnung ", "de"),
        ("ordering ", "en"),
        ("canción ", "es"),
        ("envoyer ", "fr"),
        ("spedizione ", "it"),
        ("книга ", "ru"),
        ("счёт ", "ru"),
    ] {
        assert_eq!(found(&index, text), expected, "{text}");
    }
    let mut tagged = doc("pt", "con_1", "encomendas");
    tagged.language = Some("pt-BR".into());
    index.write(&[tagged], &[]).expect("written");
    assert_eq!(found(&index, "encomenda "), "pt");
}

#[test]
fn accents_and_cases_do_not_matter() {
    let (_, index) = fresh();
    write(&index, &[("a", "Straße in Łódź, Café Noël"), ("b", "ЁЛКА и Ёжик"), ("c", "ΚΑΛΗΜΈΡΑ")]);
    for (text, expected) in
        [("strasse ", "a"), ("lodz", "a"), ("CAFE noel", "a"), ("елка ", "b"), ("ёж", "b"), ("καλημερα", "c")]
    {
        assert_eq!(found(&index, text), expected, "{text}");
    }
}

#[test]
fn filters_cut() {
    let (_, index) = fresh();
    let mut docs: Vec<_> =
        ["con_1", "con_2", "con_3"].map(|contact| doc(&format!("m_{contact}"), contact, "hello there")).into();
    docs[1].channel = "chn_2".into();
    docs[1].at = NOW - 5 * DAY;
    docs[2].kind = Kind::Note;
    docs.push(Doc { kind: Kind::Contact, name: Some("Anna Müller".into()), ..doc("con_9", "con_9", "") });
    index.write(&docs, &[]).expect("written");
    let cut =
        |text: &str, filter: Filter| ids(&index, &Query { filter, order: Order::Newest, ..query(text) }).join(" ");
    let list = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(cut("hello ", Filter { contacts: list(&["con_2", "con_3"]), ..Filter::default() }), "m_con_3 m_con_2");
    assert_eq!(cut("hello ", Filter { channels: list(&["chn_2"]), ..Filter::default() }), "m_con_2");
    assert_eq!(cut("hello ", Filter { conversations: list(&["cnv_con_1"]), ..Filter::default() }), "m_con_1");
    assert_eq!(cut("hello ", Filter { kinds: vec![Kind::Note], ..Filter::default() }), "m_con_3");
    assert_eq!(cut("", Filter { kinds: vec![Kind::Contact], ..Filter::default() }), "con_9");
    assert_eq!(cut("mull", Filter::default()), "con_9");
    assert_eq!(cut("hello ", Filter { until: Some(NOW - DAY), ..Filter::default() }), "m_con_2");
    assert_eq!(
        cut("", Filter { since: Some(NOW - 5 * DAY), until: Some(NOW - 2 * DAY), ..Filter::default() }),
        "m_con_2"
    );
}

#[test]
fn order_and_pages() {
    let (_, index) = fresh();
    let docs: Vec<_> =
        (0..25).map(|i| Doc { at: NOW - i * DAY, ..doc(&format!("m{i:02}"), "con_1", "hello world") }).collect();
    index.write(&docs, &[]).expect("written");
    for order in [Order::Newest, Order::Relevance] {
        let mut all = Vec::new();
        let mut offset = Some(0);
        while let Some(at) = offset {
            let page = index.search(&Query { order, limit: 10, offset: at, ..query("hello") }).expect("searched");
            all.extend(page.hits.into_iter().map(|hit| hit.message));
            offset = page.next;
        }
        assert_eq!(all, docs.iter().map(|doc| doc.message.clone()).collect::<Vec<_>>(), "equally good: newest first");
    }
    index.write(&[Doc { at: NOW - 20 * DAY, ..doc("best", "con_1", "hello") }], &[]).expect("written");
    assert_eq!(ids(&index, &query("hello "))[0], "best");
    let deep = index.search(&Query { offset: usize::MAX, ..query("hello") }).expect("searched");
    assert_eq!((deep.hits.len(), deep.next), (0, None));
}

#[test]
fn a_document_takes_the_place_of_its_former_self() {
    let (_, index) = fresh();
    write(&index, &[("a", "first version"), ("b", "other")]);
    write(&index, &[("a", "second version")]);
    assert_eq!((found(&index, "first "), found(&index, "version ")), (String::new(), "a".into()));
    write(&index, &[("a", "third"), ("a", "fourth")]);
    assert_eq!((found(&index, "third "), found(&index, "fourth ")), (String::new(), "a".into()));
}

#[test]
fn twenty_thousand_documents() {
    let (_, index) = fresh();
    for batch in 0..10 {
        let text =
            |i: u32| format!("message number {i} about topic{} from the customer with some more words to read", i % 97);
        let docs: Vec<_> = (0..2_000)
            .map(|i| batch * 2_000 + i)
            .map(|i| doc(&format!("m{i}"), &format!("con_{}", i % 500), &text(i)))
            .collect();
        index.write(&docs, &[]).expect("written");
    }
    assert_eq!(found(&index, "number 12345 "), "m12345");
    assert_eq!(ids(&index, &query("topic13 custom")).len(), 50);
    let state = index.state().expect("state");
    assert_eq!(state.documents, 20_000);
    assert!(state.segments <= 6, "{state:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn no_query_is_an_error(texts in prop::collection::vec("[ a-zé\"“„+*:()\\[\\]{}^~\\\\/!&|<>=-]{0,40}|.{0,60}", 30)) {
        let (_, index) = fresh();
        write(&index, &[("a", "some text"), ("b", "東京 text")]);
        for text in texts {
            prop_assert!(index.search(&query(&text)).is_ok());
        }
    }
}
