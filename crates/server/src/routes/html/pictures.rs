//! Pictures that came with a mail, put where its HTML names them (`cid:`, RFC 2392): as data within the page, so that the frame needs
//! no request and no right.
//!
//! A mail is written by anybody. What is put in is of a type that browsers draw and never run, by its bytes and not by what the
//! mail says, and so much at most, however often it is named; whatever is not put in stays a name that leads nowhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::TryStreamExt;
use vault::{AttachmentId, MessageId, Scope, attachments, audit};

use crate::app::Shared;
use crate::files;
use crate::problem::ApiError;

/// What is put in: drawn by every browser, and no document.
const TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// Pictures of one mail.
const MOST: usize = 30;
/// The largest picture, in bytes.
const LARGEST: i64 = 4 << 20;
/// All that is put into one page, in characters, each picture as often as it is shown.
const ROOM: usize = 16 << 20;

/// A picture: the id by which the mail names it, and what is put there.
pub(super) struct Picture {
    /// As it stands, and with its `@` escaped.
    ids: [String; 2],
    data: String,
}

impl Picture {
    fn new(id: String, data: String) -> Self {
        Self { ids: [id.replace('@', "%40"), id], data }
    }
}

/// A file that may be put in, with its key.
struct Chosen {
    id: String,
    attachment: AttachmentId,
    content_type: &'static str,
    key: attachments::FileKey,
}

/// The pictures of a message that are here and may be shown in place.
pub(super) async fn of(
    app: &Shared,
    scope: &Scope,
    message: MessageId,
    within: Vec<(usize, String)>,
) -> Result<Vec<Picture>, ApiError> {
    if within.is_empty() {
        return Ok(Vec::new());
    }
    let chosen = app.vault.write(scope, move |tx| choose(tx, message, &within)).await?;
    let (mut pictures, mut room) = (Vec::new(), ROOM);
    for Chosen { id, attachment, content_type, key } in chosen {
        let pieces: Vec<_> =
            files::open(app, attachment, key).await?.try_collect().await.map_err(ApiError::internal)?;
        let data = format!("data:{content_type};base64,{}", STANDARD.encode(pieces.concat()));
        if let Some(left) = room.checked_sub(data.len()) {
            room = left;
            pictures.push(Picture::new(id, data));
        }
    }
    Ok(pictures)
}

fn choose(tx: &vault::Tx<'_>, message: MessageId, within: &[(usize, String)]) -> vault::Result<Vec<Chosen>> {
    let files = attachments::of(tx, message)?;
    let mut chosen = Vec::new();
    for (at, id) in within {
        let Some(file) = files.get(*at).filter(|file| file.state == "stored" && file.size <= LARGEST) else { continue };
        let content_type = TYPES.into_iter().find(|one| *one == file.content_type);
        let Some((content_type, key)) = content_type.zip(attachments::file_key(tx, file.id)?) else { continue };
        if chosen.len() < MOST {
            audit::record(tx, "attachment.read", &file.id.to_string())?;
            chosen.push(Chosen { id: id.clone(), attachment: file.id, content_type, key });
        }
    }
    Ok(chosen)
}

/// The HTML with pictures in the places of their names. What is put in is data of a known type in base64, so it ends no attribute
/// and names no other picture.
pub(super) fn placed(html: &str, pictures: &[Picture]) -> String {
    let (mut page, mut rest, mut room) = (String::with_capacity(html.len()), html, ROOM);
    while let Some(at) = find(rest) {
        let (before, name) = rest.split_at(at);
        page.push_str(before);
        let named = pictures.iter().filter_map(|picture| Some((picture, named(&name[4..], &picture.ids)?)));
        let fits = named.max_by_key(|(_, length)| *length).filter(|(picture, _)| picture.data.len() <= room);
        let (shown, length) = fits.map_or((&name[..4], 0), |(picture, length)| (&*picture.data, length));
        room -= fits.map_or(0, |(picture, _)| picture.data.len());
        page.push_str(shown);
        rest = &name[4 + length..];
    }
    page.push_str(rest);
    page
}

/// Where the next name begins.
fn find(html: &str) -> Option<usize> {
    html.as_bytes().windows(4).position(|four| four.eq_ignore_ascii_case(b"cid:"))
}

/// How long the name is if it is this picture's, with nothing more behind it.
fn named(text: &str, ids: &[String; 2]) -> Option<usize> {
    let form = ids.iter().find(|form| text.starts_with(form.as_str()))?;
    let ends = |next: char| next.is_whitespace() || matches!(next, '"' | '\'' | '>' | ')' | '&' | ';' | ',');
    text[form.len()..].chars().next().is_none_or(ends).then_some(form.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(id: &str, length: usize) -> Picture {
        Picture::new(id.to_owned(), format!("data:image/png;base64,{}", "A".repeat(length)))
    }

    fn check(html: &str, expected: &str) {
        let pictures = [picture("a@b", 4), picture("a@b.example", 8), picture("x y", 12)];
        assert_eq!(placed(html, &pictures), expected);
    }

    #[test]
    fn a_picture_stands_where_it_is_named_and_nothing_else_changes() {
        check("<img src=\"cid:a@b\">", "<img src=\"data:image/png;base64,AAAA\">");
        check("<img src=CID:a%40b>", "<img src=data:image/png;base64,AAAA>");
        check("<img src='cid:a@b.example'>è", "<img src='data:image/png;base64,AAAAAAAA'>è");
        check("<p style=\"background:url(cid:a@b)\">", "<p style=\"background:url(data:image/png;base64,AAAA)\">");
        for same in ["<img src=\"cid:a@bc\">", "<img src=\"cid:other\">", "cid:", "plaćid: è", "<p>acid rain</p>", ""]
        {
            check(same, same);
        }
    }

    #[test]
    fn however_often_it_is_named_the_page_stays_bounded() {
        let pictures = [picture("a", 4 << 20)];
        let html = "<img src=\"cid:a\">".repeat(1_000);
        let page = placed(&html, &pictures);
        assert!(page.len() <= html.len() + ROOM, "{}", page.len());
        assert!(page.matches("data:image/png").count() >= 3 && page.contains("\"cid:a\""));
    }

    #[test]
    fn a_page_of_nothing_but_names_is_read_quickly() {
        let pictures: Vec<Picture> = (0..MOST).map(|n| picture(&format!("{n}{}", "x".repeat(200)), 4)).collect();
        let html = "cid:".repeat(500_000);
        assert_eq!(placed(&html, &pictures), html);
    }
}
