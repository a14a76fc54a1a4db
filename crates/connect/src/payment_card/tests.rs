//! Numbers of cards however they are written, and other numbers that are none.

use proptest::prelude::*;

use super::*;

/// Numbers that the networks publish for tests.
const KNOWN: [&str; 14] = [
    "4111111111111111",
    "4012888888881881",
    "4532015112830366",
    "5555555555554444",
    "5105105105105100",
    "2223003122003222",
    "378282246310005",
    "371449635398431",
    "30569309025904",
    "38520000023237",
    "6011111111111117",
    "3530111333300000",
    "6200000000000005",
    "6759649826438453",
];

fn spelled(digits: &str, groups: &[usize], between: &str) -> String {
    let mut rest = digits;
    let mut pieces = Vec::new();
    for length in groups.iter().copied().chain(std::iter::repeat(4)) {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces.join(between)
}

#[test]
fn the_networks_numbers_are_found_however_they_are_written() {
    for number in KNOWN {
        let grouped: &[usize] = if number.len() < 16 { &[4, 6, 5] } else { &[4, 4, 4, 4] };
        for between in ["", " ", "-", ".", "\u{a0}", " - ", "\u{2013}", "\u{200b}"] {
            let text = format!("Ecco: {}, grazie", spelled(number, grouped, between));
            assert!(is_in(&text), "{text}");
        }
        let one_by_one: Vec<String> = number.chars().map(String::from).collect();
        assert!(is_in(&one_by_one.join(" ")), "{number}");
        let fullwidth: String = number.chars().filter_map(|it| char::from_u32(u32::from(it) - 0x30 + 0xff10)).collect();
        assert!(is_in(&fullwidth), "{fullwidth}");
        assert!(is_in(&format!("Visa {}", spelled(number, &[3, 5, 2, 6], " "))), "in any groups beside a word");
    }
}

#[test]
fn what_stands_beside_a_card_does_not_hide_it() {
    for text in [
        "4111 1111 1111 1111 12/27 123",
        "4111 1111 1111 1111 123",
        "la mia carta \u{e8} la 4111111111111111 scad. 12/27",
        "order 4111 1111 1111 1111",
        "order 4111111111111111 paid by card",
        "Nr.4111111111111111",
        "4222222222222 (Visa)",
        "tel +39 333 1234567, 4111 1111 1111 1111",
        "3 pezzi\n4111 1111 1111 1111",
        "il CVV \u{e8} 123",
        "cvc: 987",
        "CVV2=1234",
    ] {
        assert!(is_in(text), "{text}");
    }
}

#[test]
fn other_numbers_are_let_through() {
    for text in [
        "",
        "4111 1111 1111 1112",
        "**** **** **** 1111",
        "finisce con 1111",
        "+39 333 123 4567",
        "+1 415 555 2671",
        "(+37) 8282 246310 005",
        "0039 02 1234 5678",
        // Valid, and with the check digit of a card in it.
        "IT60 X054 2811 1010 0000 0123 456",
        "DE89 3704 0044 0532 0130 00",
        "GB82WEST12345698765432",
        "FR14 2004 1010 0505 0001 3M02 606",
        "order 4111111111111111",
        "Sendungsnummer: 4111111111111111",
        "IMEI 378282246310005",
        "https://shop.example/track?n=4111111111111111&x",
        "9400 1118 9922 3197 4284 90",
        "1Z999AA10123456784",
        "ticket ab4111111111111111",
        "4006381333931",
        "2026-11-22 17:44:47.123456",
        "1234567890123456",
        "41111111111111111111",
        "da 4500 a 5000 a 6000 a 7000",
        "il CVV ha 3 cifre sul retro",
        "CVC compra nel 2024",
        "CVV\n123 pezzi",
    ] {
        assert!(!is_in(text), "{text}");
    }
}

/// The lines of a file of examples that are no remarks.
fn examples(file: &str) -> impl Iterator<Item = &str> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn what_must_be_stopped_is_and_nothing_else() {
    let (stop, pass) = (include_str!("must_stop.txt"), include_str!("must_pass.txt"));
    assert!(examples(stop).count() >= 40 && examples(pass).count() >= 60);
    let missed: Vec<&str> = examples(stop).filter(|text| !is_in(text)).collect();
    let wrong: Vec<&str> = examples(pass).filter(|text| is_in(text)).collect();
    assert_eq!(
        (missed, wrong),
        (Vec::new(), Vec::new()),
        "passed though they must not; stopped though they need not be"
    );
}

/// A number with the right check digit behind it.
fn checked(front: &str) -> String {
    (0..10)
        .map(|last| format!("{front}{last}"))
        .find(|whole| {
            let digits: Vec<u8> = whole.bytes().map(|digit| digit - b'0').collect();
            networks::checks(&digits)
        })
        .expect("one of ten digits is right")
}

proptest! {
    #[test]
    fn every_number_of_a_network_is_found(body in "[0-9]{14}", before in "(ciao|ecco il |numero:|)", between in "[ .-]?") {
        for front in [format!("4{body}"), format!("5{}", &format!("1{body}")[..14]), format!("6011{}", &body[..11])] {
            let number = spelled(&checked(&front), &[4, 4, 4, 4], &between);
            let text = format!("{before} {number}");
            prop_assert!(is_in(&text), "{}", text);
        }
    }

    #[test]
    fn no_other_last_digit_is_one(body in "4[0-9]{14}", other in 1_u32..10) {
        let right = checked(&body);
        let last = right.chars().last().and_then(|last| last.to_digit(10)).unwrap_or(0);
        let wrong = format!("{body}{}", (last + other) % 10);
        prop_assert!(!is_in(&wrong), "{}", wrong);
    }

    #[test]
    fn telephone_numbers_are_none(number in "\\+[1-9]([0-9][ -]?){5,14}", local in "0[0-9]{5,11}") {
        prop_assert!(!is_in(&number), "{}", number);
        prop_assert!(!is_in(&local), "{}", local);
    }

    #[test]
    fn up_to_thirteen_digits_are_none(number in "[0-9]{4,13}") {
        prop_assert!(!is_in(&number), "{}", number);
    }

    #[test]
    fn valid_ibans_are_none(bank in "[0-9]{18}", spaced in any::<bool>()) {
        // DE and two digits that make the remainder one (ISO 7064).
        let number: u128 = format!("{bank}131400").parse().expect("digits");
        let iban = format!("DE{:02}{bank}", 98 - number % 97);
        let text = if spaced { spelled(&iban, &[4, 4, 4, 4], " ") } else { iban };
        prop_assert!(!is_in(&text), "{}", text);
    }

    #[test]
    fn any_text_is_looked_at_without_panic(text in "\\PC{0,200}") {
        is_in(&text);
    }

    #[test]
    fn many_digits_cost_little(run in "([0-9]{1,4} ){0,400}") {
        is_in(&run);
    }
}
