//! Our id on a message, as Meta gives it back with the echo.

/// Our id; with its place, counted from 1, where it is one of several and not the last.
pub(super) fn ours(message: &str, place: Option<usize>) -> String {
    match place {
        Some(place) => format!("{message}#{place}"),
        None => message.to_owned(),
    }
}

/// The same, read back; `None` if it is not ours.
pub(super) fn told_of(metadata: &str) -> Option<(&str, Option<usize>)> {
    let (message, place) = match metadata.split_once('#') {
        Some((message, place)) => (message, Some(place.parse().ok()?)),
        None => (metadata, None),
    };
    message.starts_with("msg_").then_some((message, place))
}
