//! A mail that the server does not give: whether that is because of the mail, or of the server.

use std::time::Duration;

use connect::{ImapAct, MailReply, Reply, Withheld, Withholding};

use super::super::{NoBlobs, Step, answers, outbound, server, shown};
use super::{about, after, call, open, piece};

/// What is told of a mail that the server does not give.
async fn withheld(script: Vec<Step>, act: ImapAct) -> Result<Option<Withheld>, String> {
    let (address, _) = server(script).await;
    let reply = outbound(&[address], Duration::from_secs(20)).perform(&call(address, act), "chn_1", &NoBlobs).await;
    match reply {
        Reply::Mail(MailReply::Mailbox { withheld, .. }) => Ok(withheld),
        other => Err(shown(&other)),
    }
}

#[tokio::test]
async fn whose_fault_it_is_that_a_mail_does_not_come() {
    let told = |how, received_ms| Ok(Some(Withheld { uid: 12, received_ms, how }));
    let came_ms = 1_769_904_000_000;
    let found = |what: &'static str, uids: &str| answers(what, format!("* SEARCH {uids}\r\n{{tag}} OK\r\n")).to_vec();
    let begun = |refusal: &str| {
        [
            open(""),
            found("UID SEARCH UID 12:*", "12"),
            answers("UID FETCH 12 (", format!("{}{{tag}} OK\r\n", about(12))).to_vec(),
            answers("UID FETCH 12 (UID BODY", refusal.to_owned()).to_vec(),
            found("UID SEARCH UID 12\r\n", "12"),
            found("UID SEARCH UID 13:*\r\n", "12"),
            found("UID SEARCH UID 1:11\r\n", "4 5 6 7"),
        ]
        .concat()
    };
    for refusal in ["{tag} NO cannot\r\n", "{tag} BAD what\r\n", "{tag} OK and no mail\r\n"] {
        let gives = answers("UID FETCH 4 (UID BODY.PEEK[]<0.1>)", piece(4, "m")).to_vec();
        let told_of = withheld([begun(refusal), gives].concat(), after(7, 11)).await;
        assert_eq!(told_of, told(Withholding::Refused, came_ms), "{refusal}");
    }
    let nothing =
        |uid: u32| answers(["UID FETCH 4 (", "UID FETCH 5 (", "UID FETCH 6 ("][uid as usize - 4], "{tag} NO\r\n");
    let none = [begun("{tag} NO [UNAVAILABLE] now\r\n"), (4..7).flat_map(nothing).collect()].concat();
    assert!(
        withheld(none, after(7, 11)).await.is_err_and(|why| why.contains("does not give")),
        "it gives no mail at all"
    );

    let doubtful = ImapAct::After { validity: 7, after: 11, since_ms: 0, most: 9, largest: 9, bytes: 9, doubtful: 12 };
    let half = || answers("UID FETCH 12 (UID BODY", "* 1 FETCH (UID 12 BODY[]<0> {4}\r\nma").to_vec();
    let asked = || {
        let about = answers("UID FETCH 12 (", format!("{}{{tag}} OK\r\n", about(12))).to_vec();
        [open(""), found("UID SEARCH UID 12:*", "12"), about].concat()
    };
    assert_eq!(withheld([asked(), half()].concat(), after(7, 11)).await, told(Withholding::Unproven, came_ms));
    let other = [
        found("UID SEARCH UID 13:*\r\n", "12"),
        found("UID SEARCH UID 1:11\r\n", "9"),
        answers("UID FETCH 9 (UID BODY.PEEK[]<0.1>)", piece(9, "m")).to_vec(),
    ];
    let broke = [asked(), other.concat(), half()].concat();
    assert_eq!(withheld(broke, doubtful).await, told(Withholding::Broke, came_ms));

    // Of one mail among several it says nothing, and then nothing again.
    let unsaid = [
        open(""),
        found("UID SEARCH UID 12:*", "12 13"),
        answers("UID FETCH 12,13 (", "{tag} NO one is broken\r\n").to_vec(),
        answers("UID FETCH 12 (", "{tag} NO broken\r\n").to_vec(),
        answers("UID FETCH 13 (", format!("{}{{tag}} OK\r\n", about(13))).to_vec(),
        found("UID SEARCH UID 12\r\n", "12"),
        answers("UID FETCH 12 (UID BODY", "{tag} NO broken\r\n").to_vec(),
        found("UID SEARCH UID 12\r\n", "12"),
        found("UID SEARCH UID 13:*\r\n", "13"),
        found("UID SEARCH UID 1:11\r\n", ""),
        answers("UID FETCH 13 (UID BODY", piece(13, "m")).to_vec(),
    ];
    assert_eq!(withheld(unsaid.concat(), after(7, 11)).await, told(Withholding::Refused, 0));
}
