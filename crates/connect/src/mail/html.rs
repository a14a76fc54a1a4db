//! HTML as plain text: what a reader of the mail would see, in lines. It is read once from front to back.

mod tag;
mod writer;

use super::letter::Words;
use tag::{Tag, attribute, end_of_tag, is_hidden, is_tight, parse};
use writer::Writer;

/// Of longer HTML only the beginning becomes text, in bytes.
const LONGEST: usize = 2 << 20;
/// Elements that begin and end a line.
const BLOCKS: &[&str] = &[
    "div", "tr", "table", "ul", "ol", "dl", "dt", "dd", "section", "article", "header", "footer", "address", "form",
    "fieldset", "center", "body", "pre", "li", "main", "nav", "figure", "caption", "details", "summary", "tbody",
    "thead",
];
/// Elements with an empty line before and after.
const PARAGRAPHS: &[&str] = &["p", "h1", "h2", "h3", "h4", "h5", "h6"];
/// Elements whose content nobody sees.
const UNSEEN: &[&str] = &["head", "style", "script", "title", "template", "object", "svg", "math"];
/// Elements without an end.
const VOID: &[&str] = &["br", "img", "hr", "input", "meta", "link", "col", "area", "base", "wbr"];

/// The text of HTML.
pub(super) fn text(html: &str) -> Words {
    let html = &html[..html.floor_char_boundary(LONGEST)];
    let (words, whole) = read(html, false);
    // What is hidden and never ends would hide the whole mail.
    if whole { words } else { read(html, true).0 }
}

/// The charset that HTML itself names, where the mail does not.
pub(super) fn charset(html: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&html[..html.len().min(4096)]).to_ascii_lowercase();
    let (_, named) = head.split_once("charset=")?;
    let name = named.trim_start_matches(['"', '\'', ' ']);
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(name.len());
    (end > 0).then(|| name[..end].to_owned())
}

/// The text, and whether all that is hidden comes to an end.
fn read(html: &str, show_hidden: bool) -> (Words, bool) {
    let mut reader = Reader { show_hidden, ..Reader::default() };
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tagged) = rest.split_at(at);
        reader.words(before);
        rest = reader.tag(tagged);
    }
    reader.words(rest);
    (reader.writer.finish(), reader.unseen.is_none())
}

#[derive(Default)]
struct Reader<'a> {
    writer: Writer,
    show_hidden: bool,
    tags_ended: bool,
    /// The paragraph has no space around it.
    tight: bool,
    /// What is passed over: an element's name, and how many of that name are open in it.
    unseen: Option<(String, usize)>,
    /// For each open `blockquote`, whether it is a quotation.
    quotes: Vec<bool>,
    /// The address and the beginning of the open link.
    link: Option<(&'a str, usize)>,
}

impl<'a> Reader<'a> {
    fn words(&mut self, text: &'a str) {
        if self.unseen.is_none() {
            self.writer.words(text);
        }
    }

    /// Reads what begins with `<`, and answers what follows it.
    fn tag(&mut self, text: &'a str) -> &'a str {
        if let Some(comment) = text.strip_prefix("<!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let begins = text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        // After the last `>` there are no tags, and it need not be looked for again and again.
        let end = if begins && !self.tags_ended { end_of_tag(text) } else { None };
        self.tags_ended |= begins && end.is_none();
        let Some(end) = end else {
            self.words("<");
            return &text[1..];
        };
        let (written, rest) = (&text[1..end], &text[end + 1..]);
        let tag = parse(written);
        if let Some((name, depth)) = &mut self.unseen {
            // A head that is never closed ends where the body begins.
            let begins_body = name == "head" && tag.name == "body" && !tag.closing;
            match (tag.name == *name, tag.closing) {
                (true, true) => *depth = depth.saturating_sub(1),
                (true, false) => *depth += 1,
                (false, _) => {}
            }
            if *depth == 0 || begins_body {
                self.unseen = None;
            }
            return rest;
        }
        self.open_or_close(&tag);
        rest
    }

    fn open_or_close(&mut self, tag: &Tag<'a>) {
        let name = tag.name.as_str();
        let hidden = !tag.closing
            && (UNSEEN.contains(&name) || (!self.show_hidden && !VOID.contains(&name) && is_hidden(tag.attributes)));
        if hidden {
            self.unseen = Some((tag.name.clone(), 1));
            return;
        }
        self.mark(tag);
        match name {
            "br" => self.writer.line_break(),
            "hr" => self.writer.rule(),
            "a" => self.link(tag),
            "img" if !tag.closing => self.image(tag),
            "blockquote" => self.blockquote(tag),
            "td" | "th" if !tag.closing => self.writer.cell(),
            "pre" => {
                self.writer.new_line();
                self.writer.set_preformatted(!tag.closing);
            }
            "li" if !tag.closing => self.writer.item(),
            _ if PARAGRAPHS.contains(&name) => self.paragraph(tag),
            _ if BLOCKS.contains(&name) => self.writer.new_line(),
            _ => {}
        }
    }

    /// An end is like its beginning.
    fn paragraph(&mut self, tag: &Tag<'_>) {
        self.tight = if tag.closing { self.tight } else { is_tight(tag.attributes) };
        if self.tight {
            self.writer.new_line();
        } else {
            self.writer.paragraph();
        }
    }

    /// Where mail programs say that an earlier mail or a signature begins.
    fn mark(&mut self, tag: &Tag<'_>) {
        if tag.closing {
            return;
        }
        let class = attribute(tag.attributes, "class").unwrap_or_default();
        let id = attribute(tag.attributes, "id").unwrap_or_default();
        let has = |words: &[&str]| class.split_ascii_whitespace().any(|class| words.contains(&class));
        if has(&["gmail_quote", "gmail_attr", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote", "zmail_extra"])
            || ["divRplyFwdMsg", "appendonsend", "OLK_SRC_BODY_SECTION", "reply-intro"].contains(&id)
            || id.ends_with("_divRplyFwdMsg")
        {
            self.writer.mark_quote();
        } else if has(&["gmail_signature", "moz-signature"]) || id == "ms-outlook-mobile-signature" {
            self.writer.mark_signature();
        }
    }

    fn link(&mut self, tag: &Tag<'a>) {
        if let Some((address, start)) = self.link.take() {
            self.writer.link(address, start);
        }
        let address = attribute(tag.attributes, "href").filter(|_| !tag.closing);
        self.link = address.map(|address| (address, self.writer.length()));
    }

    fn image(&mut self, tag: &Tag<'a>) {
        if let Some(words) = attribute(tag.attributes, "alt").filter(|words| !words.trim().is_empty()) {
            self.writer.words("[");
            self.writer.words(words);
            self.writer.words("]");
        }
    }

    /// A `blockquote` without a border is how some programs indent.
    fn blockquote(&mut self, tag: &Tag<'_>) {
        if tag.closing {
            let quoted = self.quotes.pop().unwrap_or(false);
            self.writer.end_quote(quoted);
            return;
        }
        let style = attribute(tag.attributes, "style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
        let cited = attribute(tag.attributes, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("cite"));
        let quoted = cited || !style.contains("border:none") && !style.contains("border:0");
        // Deeper than this no quotation is told from the one around it.
        let quoted = quoted && self.writer.depth() < 10;
        self.quotes.push(quoted);
        self.writer.begin_quote(quoted);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::text;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(text(html).text, expected, "{html}");
    }

    #[test]
    fn html_becomes_lines() {
        check("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree");
        check("<div>a</div><div><br></div><div>b</div>", "a\n\nb");
        check("<p class=MsoNormal>a</p><p class=\"MsoNormal\">&nbsp;</p><p class=MsoNormal>b</p>", "a\n\nb");
        check("<ul><li>one<li>two</ul>end", "• one\n• two\nend");
        check("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc");
        check("a &lt;b&gt; &auml;&#228;&#xe4; &nbsp;c & d &foo; e", "a <b> äää c & d &foo; e");
        check("<a href=\"https://example.com/x\">here</a>.", "here <https://example.com/x>.");
        check("<a href=\"https://example.com\">https://example.com</a>", "https://example.com");
        check("<a href=\"mailto:a@example.com\">a@example.com</a>", "a@example.com");
        check("<img alt=\"Logo\" src=x><img src=y>", "[Logo]");
        check("<head><title>x</title><style>p{}</style></head><body>a</body>", "a");
        check("<html><head><meta charset=x><body>a", "a");
        check("<script>if (a < b) { x(\"</p>\") }</script>a", "a");
        check("<!-- a > b --><!--[if mso]><p>no</p><![endif]--><![if !mso]>yes<![endif]>", "yes");
        check("<div style=\"display: none\">pre<div>view</div></div>a", "a");
        check("<pre>  two\n   spaces</pre>x", "  two\n   spaces\nx");
        check("1 < 2 and <3 <b>x", "1 < 2 and <3 x");
        check("a<hr>b", "a\n________________________________\nb");
        check("  \n a \n\t b  \n", "a b");
        check("", "");
        check("<p title=\"a>b\">x</p>", "x");
        check("<p title=\"a>x", "x");
        check("<p style='display:none'>never ended<p>a", "never ended\n\na");
        check("<blockquote style=\"margin:0 0 0 40px;border:none\">in</blockquote>out", "in\nout");
        check(
            "a<blockquote type=cite>b<br>c<blockquote type=cite>d</blockquote></blockquote>e",
            "a\n> b\n> c\n> > d\ne",
        );
    }

    #[test]
    fn marks_are_found() {
        let words = text(
            "<div>Hi</div><div class=\"gmail_quote gmail_quote_container\"><div class=gmail_attr>On x</div></div>",
        );
        assert_eq!(words.quote.map(|at| words.text.split_at(at)), Some(("Hi\n", "On x")));
        let words = text("Hi<div id=\"divRplyFwdMsg\">From: a</div>");
        assert_eq!(words.quote.map(|at| words.text.split_at(at)), Some(("Hi\n", "From: a")));
        let words = text("Hi<br><div class=gmail_signature>Anna</div>");
        assert_eq!(words.signature.map(|at| words.text.split_at(at)), Some(("Hi\n", "Anna")));
    }

    proptest! {
        #[test]
        fn any_html_is_read(html in "(<(/?(p|div|blockquote|li|a|pre|head|hr|br)( (class|style|href)=[\"'x]{0,2})?>?)|&(amp|#[0-9]{1,9});?|[a ä\n\"'=>-]){0,40}") {
            let words = text(&html);
            for at in [words.quote, words.signature].into_iter().flatten() {
                prop_assert!(words.text.is_char_boundary(at));
            }
        }
    }
}
