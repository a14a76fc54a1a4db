//! What a channel's provider forbids ([`connect::Forbids`]) is refused before it is recorded, and again whenever it is tried: what is
//! sent later and what is sent once more come through here too.

use connect::forbidden::{self, Forbidden};
use connect::{Forbids, Spec};
use vault::messages::{Body, List};
use vault::outbox::Refusal;
use vault::{AttachmentId, Tx, attachments};

use crate::{Error, Result};

/// Refuses what has anything forbidden in what the contact reads, or in what comes back from them.
pub(crate) fn check(tx: &Tx<'_>, spec: &Spec, body: &Body, files: &[AttachmentId]) -> Result<()> {
    if spec.limits.forbids == Forbids::NOTHING {
        return Ok(());
    }
    said(body).into_iter().try_for_each(|text| check_text(spec, text))?;
    for file in files {
        let name = attachments::view(tx, *file)?.name;
        check_text(spec, name.as_ref().map_or("", |name| name.reveal().as_str()))?;
        check_found(tx, spec, *file)?;
    }
    Ok(())
}

/// Refuses a text that has it.
pub(crate) fn check_text(spec: &Spec, text: &str) -> Result<()> {
    forbidden::in_text(spec.limits.forbids, text).map_or(Ok(()), |found| Err(refused(found)))
}

/// Refuses a file in which it was found when it was uploaded.
fn check_found(tx: &Tx<'_>, spec: &Spec, file: AttachmentId) -> Result<()> {
    let Some(codes) = attachments::found(tx, file)? else { return Ok(()) };
    let found = codes.reveal().split(' ').filter_map(Forbidden::of).find(|found| found.is_of(spec.limits.forbids));
    found.map_or(Ok(()), |found| Err(refused(found)))
}

fn refused(found: Forbidden) -> Error {
    Error::Refused(match found {
        Forbidden::CardNumber => Refusal::CardNumber,
        Forbidden::HealthData => Refusal::HealthData,
    })
}

fn said(body: &Body) -> Vec<&str> {
    let mut said: Vec<&str> = body.text.as_deref().into_iter().collect();
    let places = body.place.iter().flat_map(|place| [&place.name, &place.address]);
    said.extend(places.filter_map(|text| text.as_deref()));
    for card in &body.cards {
        said.extend([&card.name].into_iter().chain(&card.phones).chain(&card.emails).map(String::as_str));
    }
    for button in body.buttons.iter().flatten() {
        said.push(&button.label);
        said.extend(button.data.as_deref().into_iter().chain(button.url.as_deref()));
    }
    body.list.iter().for_each(|list| said.extend(in_list(list)));
    if let Some(template) = &body.template {
        said.extend(template.header.as_deref());
        said.extend(template.variables.iter().map(|(_, value)| value.as_str()));
        said.extend(template.buttons.iter().map(|(_, _, value)| value.as_str()));
    }
    said
}

fn in_list(list: &List) -> Vec<&str> {
    let mut said = vec![list.open.as_str()];
    for section in &list.sections {
        said.push(&section.title);
        for row in &section.rows {
            said.extend([row.label.as_str(), row.data.as_str()]);
            said.extend(row.description.as_deref());
        }
    }
    said
}
