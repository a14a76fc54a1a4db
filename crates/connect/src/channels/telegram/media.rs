//! Files on their way out: which method takes which, and how several go together.

use serde_json::{Value, json};

use super::api::Request;
use super::{UPLOAD, refusal};
use crate::{OutFile, SendError};

/// Largest photo, in bytes. A larger one goes as a document.
const PHOTO: u64 = 10 << 20;
/// How many files one message may carry.
const ALBUM: usize = 10;

/// Refusals (lower case) after which the same files go as documents: nothing is wrong with them, they are only not
/// photos, videos or voices to Telegram or to the contact.
pub(super) const NOT_AS_MEDIA: &[&str] = &[
    "photo_invalid_dimensions",
    "photo_ext_invalid",
    "photo_save_file_invalid",
    "image_process_failed",
    "wrong type of file",
    "voice_messages_forbidden",
    "video_content_type_invalid",
];

/// How Telegram shows a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Photo,
    Animation,
    Video,
    Audio,
    Voice,
    Document,
}

impl Form {
    fn of(file: &OutFile) -> Self {
        let essence = file.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "image/jpeg" | "image/png" | "image/webp" if file.size <= PHOTO => Self::Photo,
            "image/gif" => Self::Animation,
            "video/mp4" => Self::Video,
            "audio/mpeg" | "audio/mp3" | "audio/mp4" | "audio/x-m4a" | "audio/m4a" => Self::Audio,
            "audio/ogg" | "audio/opus" => Self::Voice,
            _ => Self::Document,
        }
    }

    /// The method that sends one, and the name it has there and in an album.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Photo => ("telegram.sendPhoto", "photo"),
            Self::Animation => ("telegram.sendAnimation", "animation"),
            Self::Video => ("telegram.sendVideo", "video"),
            Self::Audio => ("telegram.sendAudio", "audio"),
            Self::Voice => ("telegram.sendVoice", "voice"),
            Self::Document => ("telegram.sendDocument", "document"),
        }
    }
}

/// The request that sends these files together.
pub(super) fn request(files: &[OutFile], caption: Option<&str>, plain: bool) -> Result<Request, SendError> {
    if files.iter().any(|file| file.size > UPLOAD) {
        return Err(refusal::bad("request entity too large"));
    }
    match files {
        [] => Err(refusal::refused("no_files", "There is no file to send. Attach one.")),
        [file] => Ok(single(file, caption, if plain { Form::Document } else { Form::of(file) })),
        files if files.len() <= ALBUM => Ok(album(files, caption, plain)),
        _ => Err(refusal::refused(
            "too_many_files",
            "Telegram takes at most 10 files in one message. Send several messages.",
        )),
    }
}

fn single(file: &OutFile, caption: Option<&str>, form: Form) -> Request {
    let (operation, name) = form.words();
    let mut request = Request::new(operation, json!({}));
    if let Some(caption) = caption {
        request.fields.insert("caption".to_owned(), caption.into());
    }
    request.files.push((name.to_owned(), file.clone()));
    request
}

/// Photos and videos go together, audio goes with audio, and any other mixture goes as documents.
fn album(files: &[OutFile], caption: Option<&str>, plain: bool) -> Request {
    let forms: Vec<Form> = files.iter().map(Form::of).collect();
    let together = !plain
        && (forms.iter().all(|form| matches!(form, Form::Photo | Form::Video))
            || forms.iter().all(|form| *form == Form::Audio));
    let form = |index: usize| if together { forms.get(index).copied() } else { None }.unwrap_or(Form::Document);
    let mut media: Vec<Value> = (0..files.len())
        .map(|index| json!({"type": form(index).words().1, "media": format!("attach://file{index}")}))
        .collect();
    if let (Some(caption), Some(first)) = (caption, media.first_mut().and_then(Value::as_object_mut)) {
        first.insert("caption".to_owned(), caption.into());
    }
    let mut request = Request::new("telegram.sendMediaGroup", json!({"media": media}));
    request.files = files.iter().enumerate().map(|(index, file)| (format!("file{index}"), file.clone())).collect();
    request
}
