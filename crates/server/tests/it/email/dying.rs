//! A server for sending that takes a mail and dies before it says so.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;

/// What it was given.
static TAKEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Starts it on a port of its own. It ends with the tests.
pub(super) fn start() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(&stream));
        }
    });
    port
}

/// How many mails with these words it was given.
pub(super) fn taken(words: &str) -> usize {
    TAKEN.lock().unwrap().iter().filter(|mail| mail.contains(words)).count()
}

fn serve(stream: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let say = |words: &str| (&mut &*stream).write_all(words.as_bytes()).ok();
    say("220 dying\r\n")?;
    loop {
        let line = lines.next()?.ok()?;
        match line.split(' ').next()? {
            "EHLO" => say("250-dying\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n")?,
            "AUTH" => say("235 in\r\n")?,
            "DATA" => break say("354 go on\r\n")?,
            "QUIT" => return say("221 bye\r\n"),
            _ => say("250 ok\r\n")?,
        }
    }
    let mail: Vec<String> = lines.map_while(Result::ok).take_while(|line| line != ".").collect();
    TAKEN.lock().unwrap().push(mail.join("\n"));
    None
}
