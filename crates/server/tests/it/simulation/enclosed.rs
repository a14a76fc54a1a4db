//! Files that go with what is said: which bytes follows from the number of the label, so that each is known again.

/// How long a long one is, in bytes: more than is sealed at a time.
const LONG: usize = 70_000;

/// What a file of this number is called.
pub(crate) fn name(number: u32) -> String {
    format!("enclosure-{number}.txt")
}

/// What is in it.
pub(crate) fn content(number: u32) -> Vec<u8> {
    let line = format!("This is what was enclosed with number {number}.\n").into_bytes();
    let length = if number.is_multiple_of(7) { LONG } else { line.len() };
    line.iter().copied().cycle().take(length).collect()
}

/// How long it is, in bytes.
pub(crate) fn size(number: u32) -> u64 {
    content(number).len() as u64
}
