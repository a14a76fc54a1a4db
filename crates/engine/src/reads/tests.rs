//! Who reads shows it, once.

use vault::conversations::Change;
use vault::outbox::Act;

use super::change;
use crate::stage::{Stage, message};

#[test]
fn reading_what_was_unread_is_shown_once_where_the_channel_can() {
    for (kind, shown) in [("api", true), ("telegram", false)] {
        let stage = Stage::with(kind);
        stage.hears(message("t", "1", "hello"));
        stage.hears(message("t", "2", "are you there?"));
        let conversation = stage.thread("t");
        let read = Change { read: true, ..Change::default() };
        let reads = || {
            let read = read.clone();
            stage.acts(move |tx| change(tx, conversation, &read)).unwrap();
        };
        reads();
        reads();
        if shown {
            let row = stage.cleared();
            assert_eq!((row.act, row.message), (Act::Seen, stage.said(conversation)[1].id));
        } else {
            assert!(stage.is_idle());
        }
        assert_eq!(stage.conversations()[0].unread_count, 0);
    }
}
