//! Arguments as people type them, and what becomes of them.

use clap::CommandFactory;

use super::arguments::first_line;
use super::*;

fn parsed(words: &[&str]) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from([&["parloir"], words].concat())
}

#[track_caller]
fn command(words: &[&str]) -> (serde_json::Value, bool) {
    let flags = crate::settings::Flags { data: Some("d".into()), ..Default::default() };
    let settings = crate::settings::Settings::load(&flags, [("PARLOIR_ROOT_KEY_NEXT".into(), "file".into())]).unwrap();
    let (command, json) = parsed(words).unwrap_or_else(|error| panic!("{error}")).act.command(&settings).unwrap();
    (serde_json::to_value(command).unwrap(), json)
}

#[test]
fn the_definition_holds() {
    Arguments::command().debug_assert();
}

#[test]
fn commands_are_read_as_documented() {
    let (made, json) = command(&["workspace", "create", "--name", "Konditorei", "--json"]);
    assert_eq!(made, serde_json::json!({ "command": "create_workspace", "name": "Konditorei", "region": "eu" }));
    assert!(json);
    assert!(!command(&["workspace", "list"]).1);
    let (token, _) = command(&["token", "create", "--workspace", "wsp_1", "--member", "a@example.org"]);
    assert_eq!(token["member"], "a@example.org");
    let (member, _) =
        command(&["member", "add", "--workspace", "w", "--email", "e@x", "--name", "N", "--role", "agent"]);
    assert!(member["password"].is_null());
    let (lost, _) = command(&["member", "remove-second-factor", "--workspace", "w", "--member", "e@x"]);
    assert_eq!((&lost["command"], &lost["member"]), (&"remove_second_factor".into(), &"e@x".into()));
    assert_eq!(command(&["erase", "--workspace", "w", "--contact", "c"]).0["command"], "erase");
    let (export, _) = command(&["export", "--workspace", "w", "--to", "/x.zip"]);
    assert_eq!((&export["contact"], &export["to"]), (&serde_json::Value::Null, &"/x.zip".into()));
    let (keys, json) = command(&["keys", "rotate", "--workspace", "w", "--contact", "c", "--json"]);
    assert_eq!((keys["command"].as_str(), keys["contact"].as_str(), json), (Some("rotate_keys"), Some("c"), true));
    assert_eq!(command(&["keys", "rotate", "--workspace", "w", "--what", "audit"]).0["what"], "audit");
    let root = serde_json::json!({ "command": "rotate_root", "next": "file" });
    assert_eq!(command(&["keys", "rotate", "--root"]).0, root);
    assert_eq!(command(&["keys", "rotate", "--installation"]).0["command"], "rotate_installation");
    assert_eq!(command(&["keys", "status"]).0["command"], "key_status");
}

#[test]
fn the_data_is_named_before_or_after_the_command() {
    for words in [["--data", "d", "workspace", "list"], ["workspace", "list", "--data", "d"]] {
        assert_eq!(parsed(&words).unwrap().flags.data.as_deref(), Some("d".as_ref()));
    }
    let arguments = parsed(&["serve", "--database", "postgres://h/d", "--listen", "127.0.0.1:0"]).unwrap();
    let Act::Serve(listens) = arguments.act else { panic!("another command") };
    let flags = listens.add_to(arguments.flags.into());
    assert_eq!(flags.database.unwrap().expose(), "postgres://h/d");
    assert_eq!(flags.listen.as_deref(), Some("127.0.0.1:0"));
}

#[test]
fn what_is_wrong_is_refused() {
    for words in [
        &["member", "add", "--workspace", "w", "--email", "e@x", "--name", "N", "--role", "king"][..],
        &["member", "add", "--password", "hunter2"],
        &["workspace", "create"],
        &["serve", "--port", "1"],
        &["dance"],
        &["export", "--workspace", "w"],
        &["keys", "rotate"],
        &["keys", "rotate", "--contact", "c"],
        &["keys", "rotate", "--workspace", "w", "--what", "blind"],
        &["keys", "rotate", "--workspace", "w", "--contact", "c", "--what", "content"],
        &["keys", "rotate", "--workspace", "w", "--root"],
        &[],
    ] {
        assert!(parsed(words).is_err(), "{words:?}");
    }
}

#[test]
fn what_is_promised_is_known_and_not_listed() {
    let help = Arguments::command().render_help().to_string();
    assert!(parsed(&["eval"]).is_ok());
    assert!(!help.contains("  eval "), "{help}");
    assert!(parsed(&["prove", "--json"]).is_ok() && help.contains("  prove "), "what is there is listed");
}

#[test]
fn a_password_is_one_line() {
    assert_eq!(first_line(&b"correct horse \r\nmore\n"[..]).unwrap(), "correct horse ");
    assert_eq!(first_line(&b"no end"[..]).unwrap(), "no end");
    assert!(first_line(&b"\n"[..]).is_err() && first_line(&b""[..]).is_err());
}

#[test]
fn an_error_says_each_cause_once() {
    let error = anyhow::anyhow!("no such file").context("files: no such file").context("the vault could not be opened");
    assert_eq!(in_words(&error), "the vault could not be opened: files: no such file");
}
