//! What is stopped and what passes, and that nothing makes it stumble.

use proptest::prelude::*;

use super::*;

fn examples(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn what_must_be_stopped_is_and_nothing_else() {
    let (stop, pass) = (include_str!("must_stop.txt"), include_str!("must_pass.txt"));
    assert!(examples(stop).count() >= 60 && examples(pass).count() >= 60);
    let missed: Vec<&str> = examples(stop).filter(|text| !is_in(text)).collect();
    let wrong: Vec<&str> = examples(pass).filter(|text| is_in(text)).collect();
    assert_eq!(
        (missed, wrong),
        (Vec::new(), Vec::new()),
        "passed though they must not; stopped though they need not be"
    );
}

#[test]
fn what_stands_in_several_sentences_is_not_put_together() {
    assert!(!is_in("Your order is here. Asthma week begins tomorrow!"));
    assert!(is_in("Your order is here. Your asthma is noted."));
    assert!(is_in("ciao\nla sua asma\nciao"));
}

proptest! {
    #[test]
    fn nothing_makes_it_stumble(text in "\\PC{0,200}") {
        is_in(&text);
    }

    #[test]
    fn what_stands_around_hides_nothing(before in "[a-z ]{0,20}", after in "[a-z ]{0,20}") {
        let text = format!("{before}. Your diabetes is noted. {after}");
        prop_assert!(is_in(&text), "{text}");
    }
}
