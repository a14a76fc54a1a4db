//! Files on their way out: as what each is shown, and how they come to Meta
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media>).

use serde_json::json;

use super::compose::{self, Message, Plan};
use super::refusal::{self, refused};
use super::{FILE, address};
use crate::channels::meta::graph::{self, Failure, Told};
use crate::json::string;
use crate::{Account, HttpCall, OutFile, Part, PartContent, Reply, SendError};

/// Largest image, in bytes. A larger one goes as a document, and so do the others below.
const IMAGE: u64 = 5 << 20;
/// Largest audio and video, in bytes.
const PLAYED: u64 = 16 << 20;
/// Largest sticker that does not move, in bytes.
const STICKER: u64 = 100 << 10;
/// How many files go at once: each takes two of the calls that one piece of work may make, and a text after them one.
const FILES: usize = 7;

/// How WhatsApp shows a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Image,
    Video,
    Audio,
    Sticker,
    Document,
}

impl Form {
    fn of(file: &OutFile) -> Self {
        match essence(&file.content_type).as_str() {
            "image/jpeg" | "image/png" if file.size <= IMAGE => Self::Image,
            "image/webp" if file.size <= STICKER => Self::Sticker,
            "video/mp4" | "video/3gpp" if file.size <= PLAYED => Self::Video,
            "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg" if file.size <= PLAYED => Self::Audio,
            _ => Self::Document,
        }
    }

    /// The message's type, which is also the key of its object.
    fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Sticker => "sticker",
            Self::Document => "document",
        }
    }

    fn takes_caption(self) -> bool {
        matches!(self, Self::Image | Self::Video | Self::Document)
    }
}

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Files as messages, one for each. The caption is the first's that can have one, else a text after them.
pub(super) fn plan<'a>(files: &'a [OutFile], caption: Option<&str>) -> Result<Plan<'a>, SendError> {
    if files.is_empty() {
        return Err(refused("no_files", "There is no file to send. Attach one."));
    }
    if files.len() > FILES {
        let why = format!(
            "WhatsApp takes every file as a message of its own, at most {FILES} at once. Send several messages."
        );
        return Err(refused("too_many_files", &why));
    }
    let bears = files.iter().position(|file| Form::of(file).takes_caption());
    let caption = match bears {
        Some(_) => compose::caption(caption)?,
        None => caption.filter(|caption| !caption.trim().is_empty()),
    };
    let shown = |(index, file)| message(index, file, caption.filter(|_| bears == Some(index)));
    let mut messages: Vec<Message> = files.iter().enumerate().map(shown).collect::<Result<_, SendError>>()?;
    if let (None, Some(text)) = (bears, caption) {
        messages.push(compose::plain(text)?);
    }
    Ok(Plan { uploads: files.iter().collect(), messages, ..Plan::default() })
}

fn message(index: usize, file: &OutFile, caption: Option<&str>) -> Result<Message, SendError> {
    sized(file)?;
    let form = Form::of(file);
    let mut object = json!({});
    if let Some(caption) = caption {
        object["caption"] = caption.into();
    }
    if form == Form::Document {
        object["filename"] = file.name.as_str().into();
    }
    Ok(Message::of(form.word(), object).showing(index, format!("/{}", form.word())))
}

/// The type and object of a file in a template's header: what the template takes there, or where that is not known an image,
/// a video, or any other as a document.
pub(super) fn in_header(file: &OutFile, role: Option<&str>) -> Result<(&'static str, serde_json::Value), SendError> {
    sized(file)?;
    let form = match (role, Form::of(file)) {
        (Some("image") | None, Form::Image) => Form::Image,
        (Some("video") | None, Form::Video) => Form::Video,
        (Some("image"), _) => return Err(wrong_header("an image (JPEG or PNG, at most 5 MB)")),
        (Some("video"), _) => return Err(wrong_header("a video (MP4, at most 16 MB)")),
        _ => return Ok((Form::Document.word(), json!({"filename": file.name}))),
    };
    Ok((form.word(), json!({})))
}

fn wrong_header(takes: &str) -> SendError {
    refused("header_file_wrong", &format!("The header of this template takes {takes}. Attach one."))
}

fn sized(file: &OutFile) -> Result<(), SendError> {
    match file.size {
        0 => Err(refused("file_empty", "The file is empty. Choose another.")),
        size if size > FILE => Err(refused(
            "file_too_large",
            "The file is larger than WhatsApp takes (100 MB). Send a link to it instead.",
        )),
        _ => Ok(()),
    }
}

/// The call that brings a file to Meta, where it waits 30 days to be sent.
pub(super) fn upload(file: &OutFile, account: &Account) -> Result<HttpCall, SendError> {
    let path = format!("{}/media", address::number(account)?);
    let content_type = declared(file);
    let text = |name: &str, text: &str| Part {
        name: name.to_owned(),
        file_name: None,
        content_type: None,
        content: PartContent::Text(text.to_owned()),
    };
    let content = Part {
        name: "file".to_owned(),
        file_name: Some(file.name.clone()),
        content_type: Some(content_type.clone()),
        content: PartContent::Blob(file.blob.clone()),
    };
    let parts = vec![text("messaging_product", "whatsapp"), text("type", &content_type), content];
    graph::upload(account, "whatsapp.upload", &path, parts)
}

/// The type a file is declared as: any text is plain text to WhatsApp, which knows no other.
fn declared(file: &OutFile) -> String {
    let essence = essence(&file.content_type);
    if essence.starts_with("text/") { "text/plain".to_owned() } else { essence }
}

/// Meta's id of an uploaded file.
pub(super) fn uploaded(reply: &Reply) -> Result<String, SendError> {
    let answer = graph::read(reply, true).map_err(|failure| match failure {
        // A parameter that is not accepted is here the file.
        Failure::Told(Told { code: 100 | 131_009, subcode, proof: false, details, .. })
            if subcode != refusal::UNKNOWN_OBJECT =>
        {
            refusal::failure(Failure::Told(Told { code: 131_053, details, ..Told::default() }))
        }
        other => refusal::failure(other),
    })?;
    string(&answer, "/id").ok_or_else(|| SendError::Retry("WhatsApp did not name the uploaded file".to_owned()))
}
