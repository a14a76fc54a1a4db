//! What a restore gives back, and what it does not.

use super::*;
use crate::statement::sql;
use crate::value::params;
use crate::{Clock, Error, Tx};

#[tokio::test]
async fn data_comes_back_as_of_any_moment() {
    let mut home = Home::new().await;
    let one = home.meet().await;
    home.says(one, "before".into()).await;
    let first = home.backs_up().await;
    assert_eq!((first.number, first.expired), (1, 0));
    let mut moments = vec![(home.clock.now(), home.reads().await)];
    for number in 0..6 {
        home.pass();
        home.says(one, format!("later {number}")).await;
        moments.push((home.clock.now(), home.reads().await));
        if number % 2 == 0 {
            let next = home.backs_up().await;
            assert_eq!((next.chain.as_str(), next.until), (first.chain.as_str(), home.clock.now()));
            assert!(next.bytes < first.bytes * 2, "{} of {}", next.bytes, first.bytes);
        }
        if number == 3 {
            home.restarts();
        }
    }
    assert_eq!(home.backs_up().await.number, 5, "a start in between does not end a chain");
    for (at, texts) in moments {
        let (restored, finished) = home.restores(Some(at), true).await.unwrap();
        assert_eq!((restored.at, restored.missed, finished.at), (at, false, at));
        assert_eq!(home.reads().await, texts, "at {at}");
        assert!(home.vault().verify_audit(&home.scope).await.unwrap().is_sound());
        assert!(home.vault().finish_restore().await.unwrap().is_none(), "it is finished once");
    }
    let (_, finished) = home.restores(None, false).await.unwrap();
    assert_eq!((finished.erasures, home.reads().await[&one].len()), (0, 7));
    assert_eq!(home.backs_up().await.number, 1, "a restored database begins a chain");
}

#[tokio::test]
async fn who_was_erased_since_does_not_come_back() {
    let mut home = Home::new().await;
    let (one, two) = (home.meet().await, home.meet().await);
    home.says(one, "one".into()).await;
    home.says(two, "two".into()).await;
    let taken = home.backs_up().await;
    home.pass();
    home.erases(one, true).await;
    // The newest copy of custody in the backup knows of it, too.
    home.backs_up().await;
    for custody_is_there in [true, false] {
        let (_, finished) = home.restores(Some(taken.until), custody_is_there).await.unwrap();
        assert_eq!(finished.erasures, 1);
        assert_eq!(home.reads().await.into_iter().collect::<Vec<_>>(), [(two, vec!["two".to_owned()])]);
    }
}

#[tokio::test]
async fn nothing_in_a_backup_can_be_read_and_no_key_is_beside_the_data() {
    let home = Home::new().await;
    let one = home.meet().await;
    home.says(one, "canary-5b1e77".into()).await;
    let elsewhere = home.folder.path().join("custody-only");
    let mut to = home.destination();
    to.custody = super::super::Place::in_folder(&elsewhere).unwrap();
    home.vault().back_up(to).await.unwrap();
    let needles: Vec<Vec<u8>> = vec![
        b"canary-5b1e77".to_vec(),
        one.to_string().into_bytes(),
        b"CREATE TABLE".to_vec(),
        home.scope.workspace().to_string().into_bytes(),
    ];
    let (mut files, mut custody) = (0, 0);
    for path in files_below(&home.place()) {
        files += 1;
        let bytes = std::fs::read(&path).unwrap();
        for needle in &needles {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{}", path.display());
        }
        custody += usize::from(path.to_string_lossy().contains("custody"));
    }
    assert!(files > 1 && custody == 0, "{files} files, {custody} of custody");
    assert!(files_below(&elsewhere).iter().all(|path| path.to_string_lossy().contains("custody")));
}

pub(super) fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn files_come_back_and_leave_with_their_last_chain() {
    let mut home = Home::new().await;
    home.keep_days = 6;
    let vault = home.vault();
    let put = |text: &'static [u8]| {
        let mut file = vault.new_file(None, 100).unwrap();
        file.append(text).unwrap();
        let id = file.id();
        (id, file.finish().unwrap().key)
    };
    let (one, two) = (put(b"the first"), put(b"the second"));
    home.backs_up().await;
    home.pass();
    home.vault().drop_file(one.0).unwrap();
    let after = home.backs_up().await;
    let (restored, _) = home.restores(Some(after.from), true).await.unwrap();
    assert_eq!(restored.files, 2);
    let read = |home: &Home, (id, key): &(crate::AttachmentId, crate::attachments::FileKey)| {
        let mut reader = home.vault().open_file(*id, key).ok()?;
        reader.next_part().unwrap()
    };
    assert_eq!(read(&home, &one).as_deref(), Some(&b"the first"[..]));
    let (restored, _) = home.restores(None, true).await.unwrap();
    assert_eq!((restored.files, read(&home, &one)), (1, None));
    assert_eq!(read(&home, &two).as_deref(), Some(&b"the second"[..]));
    let in_backup = |home: &Home| home.destination().data.list("files/").unwrap().len();
    assert_eq!((home.backs_up().await.number, in_backup(&home)), (1, 2));
    for _ in 0..7 {
        home.clock.advance(super::super::DAY_MS);
        home.backs_up().await;
    }
    assert_eq!(in_backup(&home), 1, "what no kept chain has is gone");
    assert!(home.destination().data.list("chains/").unwrap().iter().all(|name| !name.contains(&after.chain)));
}

#[tokio::test]
async fn what_was_about_to_be_sent_is_not_sent_again_and_nobody_stays_signed_in() {
    let mut home = Home::new().await;
    let one = home.meet().await;
    home.says(one, "hello".into()).await;
    let prepare = |tx: &Tx<'_>| {
        tx.run(
            sql!(
                "INSERT INTO outbox (id, workspace_id, channel_id, conversation_id, contact_id, message_id, act, seq, purpose, \
                 automatic, is_template, attempts, due_at, expires_at, created_at) VALUES ('out_1', $1, '', '', '', '', \
                 'message', 1, 'service', FALSE, FALSE, 0, $2, $2, $2)"
            ),
            params![tx.now()],
        )?;
        tx.run(
            sql!(
                "INSERT INTO sessions (token_hash, workspace_id, member_id, created_at, seen_at, expires_at) \
                 VALUES ($2, $1, '', $3, $3, $3)"
            ),
            params![vec![1_u8; 32], tx.now()],
        )
    };
    home.vault().write(&home.scope, prepare).await.unwrap();
    home.backs_up().await;
    let (_, finished) = home.restores(None, true).await.unwrap();
    assert_eq!(finished.sends, 1);
    let doubtful = sql!("SELECT COUNT(*) FROM outbox WHERE workspace_id = $1 AND lease_until IS NOT NULL");
    let signed_in = sql!("SELECT COUNT(*) FROM sessions WHERE workspace_id = $1");
    let count = move |tx: &Tx<'_>| {
        let one = |statement| tx.maybe(statement, params![], |row| row.get::<i64>(0));
        Ok::<_, Error>((one(doubtful)?, one(signed_in)?))
    };
    assert_eq!(home.vault().read(&home.scope, count).await.unwrap(), (Some(1), Some(0)));
}

#[tokio::test]
async fn a_backup_is_tried_without_touching_the_data() {
    let home = Home::new().await;
    let (one, two) = (home.meet().await, home.meet().await);
    home.says(one, "one".into()).await;
    home.says(two, "two".into()).await;
    home.backs_up().await;
    home.pass();
    home.erases(one, true).await;
    home.backs_up().await;
    let before = home.reads().await;
    let place = home.destination().data;
    let tried = home.vault().try_backup(place.clone(), place.clone()).await.unwrap();
    assert_eq!((tried.number, tried.workspaces, tried.reaches), (2, 1, home.clock.now()));
    assert!(tried.cells > 1, "{tried:?}");
    assert_eq!(home.reads().await, before);
    assert!(!home.data().join("backup/trial").exists());
    let base = place.list("chains/").unwrap().into_iter().find(|name| name.contains("/base/")).unwrap();
    place.delete(&base).unwrap();
    let refused = home.vault().try_backup(place.clone(), place).await;
    assert!(refused.unwrap_err().to_string().contains(&base));
    assert!(!home.data().join("backup/trial").exists());
}
