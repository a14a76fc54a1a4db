//! A command as it is said: words as they are, strings quoted where they can be, and else as literals.

/// What is said before the server must have said `+`, part by part; the last part ends the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) parts: Vec<Vec<u8>>,
}

impl Command {
    /// A command that begins with these words.
    pub(super) fn new(words: &str) -> Self {
        Self { parts: vec![words.as_bytes().to_vec()] }
    }

    /// More words.
    pub(super) fn words(mut self, words: &str) -> Self {
        self.push(format!(" {words}").as_bytes());
        self
    }

    /// A string.
    pub(super) fn string(mut self, text: &[u8]) -> Self {
        if text.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            let mut quoted = b" \"".to_vec();
            for byte in text {
                if matches!(byte, b'"' | b'\\') {
                    quoted.push(b'\\');
                }
                quoted.push(*byte);
            }
            quoted.push(b'"');
            self.push(&quoted);
        } else {
            self = self.announce(text.len() as u64);
            self.push(text);
        }
        self
    }

    /// Announces a literal that whoever says the command sends itself.
    pub(super) fn announce(mut self, size: u64) -> Self {
        self.push(format!(" {{{size}}}\r\n").as_bytes());
        self.parts.push(Vec::new());
        self
    }

    fn push(&mut self, bytes: &[u8]) {
        if let Some(last) = self.parts.last_mut() {
            last.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(command: &Command) -> Vec<String> {
        command.parts.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect()
    }

    #[test]
    fn strings_cannot_end_their_command() {
        let login = Command::new("LOGIN").string(b"anna").string(b"a \"b\\c");
        assert_eq!(said(&login), ["LOGIN \"anna\" \"a \\\"b\\\\c\""]);
        let odd = Command::new("LOGIN").string(b"x\r\nLOGOUT").string("ü".as_bytes());
        assert_eq!(said(&odd), ["LOGIN {9}\r\n", "x\r\nLOGOUT {2}\r\n", "ü"]);
        assert_eq!(said(&Command::new("APPEND").string(b"Sent").announce(7)), ["APPEND \"Sent\" {7}\r\n", ""]);
    }
}
