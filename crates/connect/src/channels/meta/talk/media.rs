//! Files on their way out: as what each is shown, and how they come to Meta
//! (<https://developers.facebook.com/docs/messenger-platform/reference/attachment-upload-api>).

use serde_json::json;

use super::compose::{self, Message, Plan};
use super::refusal::{self, refused};
use super::{FILE, Product};
use crate::channels::meta::graph::{self, Failure, Told};
use crate::json::string;
use crate::{Account, HttpCall, OutFile, Part, PartContent, Reply, SendError};

/// How many files go at once: each takes two of the calls that one piece of work may make, and a text after them one.
const FILES: usize = 7;

/// What is shown as what.
#[derive(Debug)]
pub(in crate::channels) struct Form {
    /// The attachment's type.
    pub(in crate::channels) word: &'static str,
    /// Content types, or the beginnings of such that end in `/`; all where there are none.
    pub(in crate::channels) types: &'static [&'static str],
    /// Largest such file, in bytes.
    pub(in crate::channels) most: u64,
}

impl Form {
    fn fits(&self, file: &OutFile) -> bool {
        let essence = essence(&file.content_type);
        let is = |known: &&str| if known.ends_with('/') { essence.starts_with(*known) } else { essence == **known };
        file.size <= self.most && (self.types.is_empty() || self.types.iter().any(is))
    }
}

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Files as messages, one for each, and the caption as a text after them: nothing bears one here.
pub(super) fn plan<'a>(product: &Product, files: &'a [OutFile], caption: Option<&str>) -> Result<Plan<'a>, SendError> {
    if files.is_empty() {
        return Err(refused("no_files", "There is no file to send. Attach one."));
    }
    if files.len() > FILES {
        let why = format!(
            "{} takes every file as a message of its own, at most {FILES} at once. Send several messages.",
            product.name
        );
        return Err(refused("too_many_files", &why));
    }
    let shown = |(index, file)| message(product, index, file);
    let mut messages: Vec<Message> = files.iter().enumerate().map(shown).collect::<Result<_, SendError>>()?;
    if let Some(text) = caption.filter(|caption| !caption.trim().is_empty()) {
        messages.push(compose::plain(product, text)?);
    }
    Ok(Plan { uploads: files.iter().collect(), messages, ..Plan::default() })
}

fn message(product: &Product, index: usize, file: &OutFile) -> Result<Message, SendError> {
    let word = form(product, file)?.word;
    Ok(Message { file: Some(index), ..Message::of(json!({"attachment": {"type": word, "payload": {}}})) })
}

fn form<'a>(product: &'a Product, file: &OutFile) -> Result<&'a Form, SendError> {
    match file.size {
        0 => return Err(refused("file_empty", "The file is empty. Choose another.")),
        size if size > FILE => {
            let why = format!("The file is larger than {} takes (25 MB). Send a link to it instead.", product.name);
            return Err(refused("file_too_large", &why));
        }
        _ => {}
    }
    product.forms.iter().find(|form| form.fits(file)).ok_or_else(|| {
        let why = format!("{} takes no such file, or none so large. Send a link to it instead.", product.name);
        refused("file_refused", &why)
    })
}

/// The call that brings a file to Meta.
pub(super) fn upload(product: &Product, file: &OutFile, account: &Account) -> Result<HttpCall, SendError> {
    let path = format!("{}/message_attachments", product.id(account)?);
    let word = form(product, file)?.word;
    let text = |name: &str, text: String| Part {
        name: name.to_owned(),
        file_name: None,
        content_type: None,
        content: PartContent::Text(text),
    };
    let described = json!({"attachment": {"type": word, "payload": {"is_reusable": true}}}).to_string();
    let content = Part {
        name: "filedata".to_owned(),
        file_name: Some(file.name.clone()),
        content_type: Some(essence(&file.content_type)),
        content: PartContent::Blob(file.blob.clone()),
    };
    let platform = product.platform.map(|platform| text("platform", platform.to_owned()));
    let parts = platform.into_iter().chain([text("message", described), content]).collect();
    graph::upload(account, product.operations.upload, &path, parts)
}

/// Meta's id of an uploaded file.
pub(super) fn uploaded(product: &Product, reply: &Reply) -> Result<String, SendError> {
    let answer = graph::read(reply, true).map_err(|failure| match failure {
        // A parameter that is not accepted is here the file.
        Failure::Told(Told { code: 100, subcode, proof: false, .. }) if subcode != refusal::UNKNOWN_OBJECT => {
            let why = format!(
                "{} does not take this file: its kind is not what its name or type says, or it is not supported. Send it as \
                 JPEG, PNG, MP4 or PDF.",
                product.name
            );
            refused("file_refused", &why)
        }
        other => refusal::failure(product, other),
    })?;
    string(&answer, "/attachment_id")
        .ok_or_else(|| SendError::Retry(format!("{} did not name the uploaded file", product.name)))
}
