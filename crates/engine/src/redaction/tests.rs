//! Nothing that was planted remains, and all of it comes back.

use proptest::prelude::*;

use super::*;

fn redact(names: &[&str], text: &str) -> (String, Back) {
    let names: Vec<Personal<String>> = names.iter().map(|name| Personal::new((*name).to_owned())).collect();
    let prompt = Prompt { instruction: "", turns: vec![Turn { said: Personal::new(text.to_owned()) }] };
    let (redacted, back) = Redactor::new(&names).redact(&prompt).unwrap();
    let text = redacted.turns().collect();
    (text, back)
}

#[track_caller]
fn check(names: &[&str], text: &str, expected: &str) {
    let (redacted, back) = redact(names, text);
    assert_eq!(redacted, expected);
    assert_eq!(back.put_back(&redacted).into_revealed(), text);
}

#[test]
fn each_kind_has_its_placeholder() {
    for (text, expected) in [
        ("Write to anna.rossi+x@mail.example.org.", "Write to ⟦EMAIL_1⟧."),
        ("a@b.c and again a@b.c, not d@e.f", "⟦EMAIL_1⟧ and again ⟦EMAIL_1⟧, not ⟦EMAIL_2⟧"),
        ("Call +39 06 1234 5678 or (030) 123456-7", "Call ⟦PHONE_1⟧ or (⟦PHONE_2⟧"),
        ("card 4111 1111 1111 1111, thanks", "card ⟦CARD_1⟧, thanks"),
        ("DE89 3704 0044 0532 0130 00", "⟦IBAN_1⟧"),
        ("gb82west12345698765432 is it", "⟦IBAN_1⟧ is it"),
        ("CF RSSMRA85T10A562S", "CF ⟦ID_1⟧"),
        ("CF rss mra 85t10 a562s!", "CF ⟦ID_1⟧!"),
        ("DNI 12345678Z, NIE X1234567L", "DNI ⟦ID_1⟧, NIE ⟦ID_2⟧"),
        ("NIR 2 55 08 14 168 025 38", "NIR ⟦ID_1⟧"),
        ("NIR 1 84 12 2A 451 089 19", "NIR ⟦ID_1⟧"),
        ("IdNr. 86 095 742 719", "IdNr. ⟦ID_1⟧"),
        ("order 10023456", "order ⟦NUMBER_1⟧"),
        ("٤١١١ ١١١١ ١١١١ ١١١١", "⟦CARD_1⟧"),
        ("a\u{200b}nna@exam\u{ad}ple.org", "⟦EMAIL_1⟧"),
    ] {
        check(&[], text, expected);
    }
}

#[test]
fn what_is_nobodys_stays() {
    for text in [
        "",
        "On 2026-01-31, at 09:30, or 31.1.2026",
        "3 books for 49.90, in 2026",
        "size 38/40, 100 x 200 cm",
        "@anna said a @ b",
        "room 1234",
        "RSSMRA and A562S",
    ] {
        check(&[], text, text);
    }
}

#[test]
fn names_are_found_in_any_case_together_and_only_whole() {
    let names = ["Anna Maria Rossi", "Ö. O'Neill"];
    check(&names, "I am Anna Rossi.", "I am ⟦NAME_1⟧.");
    check(&names, "ANNA, annas book, Annabel", "⟦NAME_1⟧, ⟦NAME_2⟧ book, Annabel");
    check(&names, "Mr O'neill; Mr. Neill", "Mr O'⟦NAME_1⟧; Mr. ⟦NAME_2⟧");
    check(&["王小明"], "我叫王小明。", "我叫⟦NAME_1⟧。");
    check(&[""], "nobody", "nobody");
}

#[test]
fn a_text_cannot_ask_for_what_stands_behind_a_placeholder() {
    check(&[], "say ⟦EMAIL_1⟧ to a@b.c", "say ⟦MARK_1⟧EMAIL_1⟦MARK_2⟧ to ⟦EMAIL_1⟧");
    let (_, back) = redact(&[], "a@b.c");
    let made_up = "⟦EMAIL_2⟧ ⟦EMAIL_1 ⟦ ⟦EMAIL_1⟧ ⟧";
    assert_eq!(back.put_back(made_up).into_revealed(), "⟦EMAIL_2⟧ ⟦EMAIL_1 ⟦ a@b.c ⟧");
}

#[test]
fn a_prompt_has_a_ceiling() {
    let prompt = |chars: usize| Prompt { instruction: "abc", turns: vec![Turn { said: "ä".repeat(chars).into() }] };
    assert!(Redactor::new(&[]).redact(&prompt(MOST - 3)).is_ok());
    let refused = Redactor::new(&[]).redact(&prompt(MOST - 2)).map(drop);
    assert_eq!(refused, Err(TooLong { chars: MOST + 1, most: MOST }));
    assert_eq!(Redactor::new(&[]).at_most(10).redact(&prompt(8)).map(drop), Err(TooLong { chars: 11, most: 10 }));
    assert!(Redactor::new(&[]).at_most(MOST + 1).redact(&prompt(MOST)).is_err());
    let (redacted, back) = Redactor::new(&[]).redact(&prompt(1)).unwrap();
    assert_eq!(format!("{redacted:?} {back:?}"), "Redacted(…) Back(…)");
    assert_eq!(redacted.instruction(), "abc");
}

/// Digits in groups, with something between them.
fn grouped(digits: &str, sizes: &[usize], between: &str) -> String {
    let mut rest = digits;
    let mut groups = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (group, after) = rest.split_at((*size).min(rest.len()));
        groups.push(group);
        rest = after;
    }
    groups.join(between)
}

fn luhn(body: &str) -> String {
    (0..10)
        .map(|check| format!("{body}{check}"))
        .find(|number| {
            let sum: u32 = number
                .chars()
                .rev()
                .filter_map(|it| it.to_digit(10))
                .enumerate()
                .map(|(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
                .sum();
            sum.is_multiple_of(10)
        })
        .unwrap()
}

/// Something that leads to somebody.
fn planted() -> impl Strategy<Value = String> {
    let spaced = prop_oneof![Just(""), Just(" "), Just("-"), Just(".")];
    let card = ("[3-6][0-9]{11,17}", spaced.clone()).prop_map(|(body, gap)| grouped(&luhn(&body), &[4], gap));
    let phone = ("\\+[1-9][0-9]{6,13}", spaced.clone()).prop_map(|(number, gap)| grouped(&number, &[3, 2, 4], gap));
    let iban = ("[0-9]{18}", prop_oneof![Just(""), Just(" ")]).prop_map(|(bank, gap)| {
        // D is 13, E is 14, and 00 stands where the check digits will.
        let number = format!("{bank}131400").chars().fold(0, |sum, it| (sum * 10 + it.to_digit(10).unwrap()) % 97);
        grouped(&format!("DE{:02}{bank}", 98 - number), &[4], gap)
    });
    let italian = "[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]";
    let spanish = (0_u32..100_000_000)
        .prop_map(|number| format!("{number:08}{}", char::from(b"TRWAGMYFPDXBNJZSQVHLCKE"[number as usize % 23])));
    let french = ("[12][0-9]{2}(0[1-9]|1[0-2])[0-9]{8}", prop_oneof![Just(""), Just(" ")]).prop_map(|(body, gap)| {
        let key = 97 - body.parse::<u64>().unwrap() % 97;
        grouped(&format!("{body}{key:02}"), &[1, 2, 2, 2, 3, 3, 2], gap)
    });
    prop_oneof![
        "[a-z][a-z0-9._+-]{0,12}@[a-z0-9-]{1,12}\\.[a-z]{2,6}",
        card,
        phone,
        iban,
        italian,
        spanish,
        french,
        Just("Annalisa".to_owned()),
        Just("ÖZGÜR".to_owned()),
    ]
}

proptest! {
    #[test]
    fn nothing_that_was_planted_remains_and_all_of_it_comes_back(
        pieces in proptest::collection::vec(("[a-zA-Zàéüß ,.;:!?\n]{0,30}", planted()), 1..6),
        last in "[a-zA-Z .!]{0,20}",
    ) {
        let text: Vec<String> = pieces.iter().map(|(before, what)| format!("{before} {what} ")).collect();
        let text = text.concat() + &last;
        let (redacted, back) = redact(&["Annalisa Özgür"], &text);
        for (_, what) in &pieces {
            prop_assert!(!redacted.contains(what.as_str()), "{what:?} remains in {redacted:?}");
            let digits: String = what.chars().filter(char::is_ascii_digit).collect();
            prop_assert!(digits.len() < FEWEST_DIGITS || !redacted.contains(&digits), "{digits} remain in {redacted:?}");
        }
        prop_assert_eq!(back.put_back(&redacted).into_revealed(), text);
    }

    #[test]
    fn any_text_comes_back_as_it_was(text in any::<String>(), name in any::<String>()) {
        let (redacted, back) = redact(&[&name], &text);
        prop_assert_eq!(back.put_back(&redacted).into_revealed(), text);
    }
}

/// The fewest digits that are looked for in what remains.
const FEWEST_DIGITS: usize = 7;
