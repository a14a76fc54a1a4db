//! The lock, the lines, and both ends of the socket.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;

use serde_json::json;

use super::*;
use crate::cli::Command;

#[test]
fn a_folder_has_one_holder_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let held = DataLock::take(folder.path()).unwrap().unwrap();
    assert!(DataLock::take(folder.path()).unwrap().is_none());
    assert_eq!(DataLock::holder(folder.path()), Some(std::process::id()));
    drop(held);
    assert!(DataLock::take(folder.path()).unwrap().is_some());
}

#[test]
fn lines_are_commands_or_told_wrong_without_repeating_them() {
    assert!(matches!(listen::read(b"{\"command\":\"list_workspaces\"}\n"), Ok(Command::ListWorkspaces)));
    let wrong = |line: &[u8]| listen::read(line).err().unwrap();
    assert!(wrong(b"{\"command\":\"make_coffee\",\"password\":\"hunter2\"}\n").contains("another version"));
    assert!(wrong(b"{\"password\":\"hunter2\n").contains("no JSON"));
    for line in [&b""[..], b"\n", b"hunter2\n", b"\xff\xfe\n", b"[]\n", b"{\"command\":{\"hunter2\":1}}\n"] {
        assert!(!wrong(line).contains("hunter2"));
    }
}

#[test]
fn nobody_listening_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Server::reach(folder.path()).unwrap().is_none(), "no socket");
    drop(UnixListener::bind(folder.path().join(SOCKET_FILE)).unwrap());
    assert!(Server::reach(folder.path()).unwrap().is_none(), "a socket left behind");
}

/// A server that takes one line and answers with these bytes.
fn answering(folder: &Path, answer: &'static [u8]) -> std::thread::JoinHandle<String> {
    let listener = with_socket_path(folder, |path| UnixListener::bind(path)).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 64];
        let taken = stream.read(&mut asked).unwrap();
        stream.write_all(answer).unwrap();
        String::from_utf8_lossy(&asked[..taken]).into_owned()
    })
}

#[test]
fn a_command_is_one_line_and_its_answer_one_line() {
    let root = tempfile::tempdir().unwrap();
    // Deeper than a socket's address may be long.
    let folder = root.path().join("a".repeat(120));
    std::fs::create_dir(&folder).unwrap();
    let server = answering(&folder, b"{\"done\":{\"data\":[]}}\n");
    let answer = Server::reach(&folder).unwrap().unwrap().ask(&Command::ListWorkspaces).unwrap();
    assert_eq!(answer, json!({ "data": [] }));
    assert_eq!(server.join().unwrap(), "{\"command\":\"list_workspaces\"}\n");
}

#[test]
fn failures_are_told_in_the_servers_words() {
    for (answer, expected) in [
        (&b"{\"failed\":\"workspace not found\"}\n"[..], "workspace not found"),
        (b"", "did not answer"),
        (b"{\"done\":", "did not answer"),
        (b"hello\n", "did not answer"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = answering(folder.path(), answer);
        let error = Server::reach(folder.path()).unwrap().unwrap().ask(&Command::ListWorkspaces).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        server.join().unwrap();
    }
}
