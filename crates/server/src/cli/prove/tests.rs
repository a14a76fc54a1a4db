//! Evidence as it is shown and handed in again.

use serde_json::json;

use super::*;

fn document() -> Value {
    json!({
        "key": "k", "note": "n",
        "evidence": {
            "format": "parloir/evidence/1", "installation": "ab12", "version": "1.0.0", "at": 1_900_000_000_000_i64, "engine": "SQLite",
            "totals": { "kept": 2, "broken": 1, "not_applicable": 1, "not_checked": 0 },
            "promises": [
                { "id": "R-3", "promise": "Messages", "looks_at": "rows", "outcome": "kept", "looked_at": 7 },
                { "id": "X-5", "promise": "Hashes", "looks_at": "rows", "outcome": "broken", "looked_at": 2, "faults": [
                    { "workspace": "wsp_1", "what": "a <password> is plain", "place": "logins", "rows": 1, "ids": ["mbr_1"] },
                ] },
                { "id": "CH-7", "promise": "Mailboxes", "looks_at": "mailboxes", "outcome": "kept", "looked_at": 1, "shown": [{
                    "workspace": "wsp_1", "channel": "chn_1", "kind": "raven", "asked": { "read": ["raven.read"], "send": ["raven.send"], "change": [], "other": [] },
                    "allowed": { "read": ["raven.read"], "send": [], "change": [], "other": ["<who>"] },
                    "reaches": { "ai": "no such feature", "webhooks": { "by": "mbr_1", "at": 1_900_000_000_000_i64, "words": "1" } },
                }] },
                { "id": "V-1", "promise": "Calls", "looks_at": "", "outcome": "not_applicable" },
            ],
        },
    })
}

#[test]
fn the_table_says_what_is_broken_where() {
    let expected = "Parloir 1.0.0 on SQLite, installation ab12, 2030-03-17T17:46:40Z\n\n\
        R-3    kept            Messages\n\
        X-5    broken          Hashes\n                       a <password> is plain (logins of wsp_1, 1): mbr_1\n\
        CH-7   kept            Mailboxes\n                       chn_1 (raven of wsp_1): asked to read (raven.read), send (raven.send); \
        allowed to read (raven.read), other (<who>); what is read there reaches: ai: no such feature, webhooks: all, by the word of mbr_1 \
        at 2030-03-17T17:46:40Z\n\
        V-1    not applicable  Calls\n\n\
        2 kept, 1 broken, 1 not applicable: no such feature on, 0 not checked";
    assert_eq!(table(&document()["evidence"]), expected);
    assert!(is_broken(&document()["evidence"]));
}

#[test]
fn the_page_carries_the_evidence_and_nothing_of_elsewhere() {
    let page = page::page(&document());
    assert!(page.contains("a &lt;password&gt; is plain") && !page.contains("<password>"));
    assert!(page.contains("other (&lt;who&gt;)") && !page.contains("<who>"));
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &page).unwrap();
    let (read, whole) = read(file.path()).unwrap();
    assert_eq!((read, whole), (document(), Some(page)));
}
