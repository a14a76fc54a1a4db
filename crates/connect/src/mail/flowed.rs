//! Text with flowed lines (RFC 3676): a line that ends in a space goes on in the next.

/// The text with whole paragraphs in one line. `del_sp`: the space that says so is not part of the text.
pub(super) fn unfold(text: &str, del_sp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let depth = line.bytes().take_while(|&byte| byte == b'>').count();
        let content = &line[depth..];
        // Space before what would otherwise be read as something else.
        let content = content.strip_prefix(' ').unwrap_or(content);
        let signature = content == "-- ";
        if open != Some(depth) || signature {
            if open.is_some() {
                out.push('\n');
            }
            if depth > 0 {
                out.push_str(&">".repeat(depth));
                out.push(' ');
            }
        }
        let flows = content.ends_with(' ') && !signature && !end.is_empty();
        out.push_str(if flows && del_sp { &content[..content.len() - 1] } else { content });
        open = flows.then_some(depth);
        if !flows {
            out.push_str(end);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unfold;

    #[test]
    fn paragraphs_are_whole() {
        for (text, del_sp, expected) in [
            ("one \ntwo\nthree\n", false, "one two\nthree\n"),
            ("one \ntwo", true, "onetwo"),
            ("> a \n> b\n>> c \n> d\n", false, "> a b\n>> c \n> d\n"),
            (" >no quote\n From me\n", false, ">no quote\nFrom me\n"),
            ("text\n-- \nAnna\n", false, "text\n-- \nAnna\n"),
            ("text \n-- \nAnna", false, "text \n-- \nAnna"),
            ("last ", false, "last "),
            ("", false, ""),
        ] {
            assert_eq!(unfold(text, del_sp), expected, "{text}");
        }
    }
}
