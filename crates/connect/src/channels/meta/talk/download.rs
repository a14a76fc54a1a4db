//! Bringing a contact's file from the address that came with it. The address carries its own proof and needs no token; it
//! is good for some days.

use super::refusal::{self, refused};
use super::{FILE, Product};
use crate::channels::meta::{graph, hosts};
use crate::{Account, BlobHandle, Call, HttpCall, RemoteFile, Reply, SendError, Step};

/// The next step of a download.
pub(in crate::channels) fn step(
    product: &Product,
    file: &RemoteFile,
    account: &Account,
    replies: &[Reply],
) -> Step<BlobHandle> {
    match replies.last() {
        None => ask(product, file, account).unwrap_or_else(Step::Fail),
        Some(Reply::Stored { blob, .. }) => Step::Done(blob.clone()),
        Some(Reply::Answer { status: 400 | 401 | 403 | 404 | 410, .. }) => Step::Fail(gone(product)),
        Some(other) => Step::Fail(match graph::read(other, true) {
            Ok(_) => SendError::Retry("the file came as something else".to_owned()),
            Err(failure) => refusal::failure(product, failure),
        }),
    }
}

fn ask(product: &Product, file: &RemoteFile, account: &Account) -> Result<Step<BlobHandle>, SendError> {
    if file.size.is_some_and(|size| size > FILE) {
        return Err(refused(
            "file_too_large",
            "The file is larger than is taken (25 MB). Ask for a smaller one or a link.",
        ));
    }
    if !hosts::trusted(&file.locator, &account.base_url) {
        let why = format!("{} named a place for this file that is none of its own. Ask for it again.", product.name);
        return Err(refused("file_place_refused", &why));
    }
    let call = HttpCall::get(product.operations.file, file.locator.clone());
    Ok(Step::Call(Call::Http(HttpCall { to_blob: true, max_reply: FILE, ..call })))
}

fn gone(product: &Product) -> SendError {
    let why =
        format!("{} keeps the address of a file for some days, and this one is gone. Ask for it again.", product.name);
    refused("file_gone", &why)
}
