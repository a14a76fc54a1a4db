//! How chats and messages are named: `chat` or `chat@connection` is a thread, `thread:message` a message.

/// A chat with the bot, or a chat of a business account that the bot speaks for. The same contact may have both, with
/// the same chat id and their own message numbers, so the connection is part of the name.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Thread {
    /// The chat's id. Telegram's ids need 52 bits.
    pub(super) chat: i64,
    /// The business connection's id.
    pub(super) business: Option<String>,
}

impl Thread {
    /// Reads a thread's key.
    pub(super) fn read(key: &str) -> Option<Self> {
        let (chat, business) = match key.split_once('@') {
            Some((_, "")) => return None,
            Some((chat, business)) => (chat, Some(business.to_owned())),
            None => (key, None),
        };
        Some(Self { chat: chat.parse().ok()?, business })
    }

    /// The thread's key.
    pub(super) fn key(&self) -> String {
        match &self.business {
            Some(business) => format!("{}@{business}", self.chat),
            None => self.chat.to_string(),
        }
    }

    /// The remote id of a message in it.
    pub(super) fn remote(&self, message: i64) -> String {
        format!("{}:{message}", self.key())
    }
}

/// The thread and the number of a message by its remote id. `None` for what is no message, such as a tap.
pub(super) fn message(remote: &str) -> Option<(Thread, i64)> {
    let (thread, message) = remote.rsplit_once(':')?;
    Some((Thread::read(thread)?, message.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_are_none() {
        for wrong in ["", ":", "1", "1:", "x:1", "1@:2", "callback:12", "1:2:x", "99999999999999999999:1"] {
            assert!(message(wrong).is_none(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn names_come_back(chat in any::<i64>(), number in any::<i64>(), business in proptest::option::of("[A-Za-z0-9_-]{1,40}")) {
            let thread = Thread { chat, business };
            let back = message(&thread.remote(number));
            prop_assert!(back == Some((thread, number)));
        }

        #[test]
        fn any_text_is_read_or_not(text in any::<String>()) {
            if let Some((thread, number)) = message(&text) {
                prop_assert!(message(&thread.remote(number)).is_some());
            }
        }
    }
}
