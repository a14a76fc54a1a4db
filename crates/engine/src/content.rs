//! Between what connectors say and what the vault stores.

use connect::Inbound;
use vault::Personal;
use vault::messages::{Body, Button, Card, List, Origin, Place, TemplateUse};

/// The stored body of an inbound message. A quoted text is kept only where no stored message stands for it.
pub(crate) fn body(inbound: &Inbound, quote_is_stored: bool) -> Body {
    let quote = inbound.quote.as_ref().filter(|_| !quote_is_stored).and_then(|quote| quote.text.clone());
    Body {
        text: inbound.text.clone(),
        html: inbound.html.clone(),
        within: inbound.within.clone(),
        subject: inbound.subject.clone(),
        below: inbound.below.clone(),
        automatic: inbound.automatic,
        doubtful_sender: inbound.doubtful_sender,
        place: inbound.place.as_ref().map(stored_place),
        cards: inbound.cards.iter().map(stored_card).collect(),
        choice: inbound.choice.as_ref().map(|choice| choice.data.clone()),
        quote,
        unsupported: inbound.unsupported.clone(),
        album: inbound.album.clone(),
        forwarded: inbound.forwarded,
        origin: inbound.origin.as_ref().map(stored_origin),
        ..Body::default()
    }
}

/// The stored body of a message after an edit. Some providers tell only the new words: what else the message was stays.
pub(crate) fn edited(before: Option<Personal<Body>>, now: Body) -> Personal<Body> {
    match before {
        Some(before) => before.map(|before| both(before, now)),
        None => Personal::new(now),
    }
}

/// The body of a message that an edit made, now that the message itself came; `None` if it came already.
pub(crate) fn whole(made: Personal<Body>, itself: Body) -> Option<Personal<Body>> {
    let mut was_partial = false;
    let body = made.map(|made| {
        was_partial = made.partial;
        both(itself, Body { partial: false, ..made })
    });
    was_partial.then_some(body)
}

fn both(before: Body, now: Body) -> Body {
    Body {
        subject: now.subject.or(before.subject),
        automatic: now.automatic || before.automatic,
        doubtful_sender: now.doubtful_sender || before.doubtful_sender,
        place: now.place.or(before.place),
        cards: if now.cards.is_empty() { before.cards } else { now.cards },
        choice: now.choice.or(before.choice),
        buttons: if now.buttons.is_empty() { before.buttons } else { now.buttons },
        list: now.list.or(before.list),
        template: now.template.or(before.template),
        quote: now.quote.or(before.quote),
        album: now.album.or(before.album),
        forwarded: now.forwarded || before.forwarded,
        origin: now.origin.or(before.origin),
        partial: now.partial || before.partial,
        ..now
    }
}

/// The body of a message that an edit makes.
pub(crate) fn partial(body: Personal<Body>) -> Personal<Body> {
    body.map(|body| Body { partial: true, ..body })
}

fn stored_origin(origin: &connect::Origin) -> Origin {
    Origin {
        kind: origin.kind.clone(),
        id: origin.id.clone(),
        url: origin.url.clone(),
        headline: origin.headline.clone(),
        text: origin.text.clone(),
    }
}

fn stored_place(place: &connect::Place) -> Place {
    Place {
        latitude: place.latitude,
        longitude: place.longitude,
        name: place.name.clone(),
        address: place.address.clone(),
    }
}

fn stored_card(card: &connect::Card) -> Card {
    Card { name: card.name.clone(), phones: card.phones.clone(), emails: card.emails.clone() }
}

/// The outgoing form of a stored place.
pub(crate) fn place(place: &Place) -> connect::Place {
    connect::Place {
        latitude: place.latitude,
        longitude: place.longitude,
        name: place.name.clone(),
        address: place.address.clone(),
    }
}

/// The outgoing form of a stored card.
pub(crate) fn card(card: &Card) -> connect::Card {
    connect::Card { name: card.name.clone(), phones: card.phones.clone(), emails: card.emails.clone() }
}

/// The outgoing form of stored buttons.
pub(crate) fn buttons(rows: &[Vec<Button>]) -> Vec<Vec<connect::Button>> {
    let button = |button: &Button| connect::Button {
        label: button.label.clone(),
        data: button.data.clone(),
        url: button.url.clone(),
    };
    rows.iter().map(|row| row.iter().map(button).collect()).collect()
}

/// The outgoing form of a stored list.
pub(crate) fn list(text: &str, list: &List) -> connect::Content {
    let row = |row: &vault::messages::Row| connect::Row {
        label: row.label.clone(),
        data: row.data.clone(),
        description: row.description.clone(),
    };
    let section = |section: &vault::messages::Section| connect::Section {
        title: section.title.clone(),
        rows: section.rows.iter().map(row).collect(),
    };
    connect::Content::List {
        text: text.to_owned(),
        open: list.open.clone(),
        sections: list.sections.iter().map(section).collect(),
    }
}

/// The outgoing form of a stored template, without what hangs on its header.
pub(crate) fn template(used: &TemplateUse, rendered: &str) -> connect::TemplateUse {
    let button = |(index, kind, value): &(u32, String, String)| connect::TemplateButtonUse {
        index: *index,
        kind: kind.clone(),
        value: value.clone(),
    };
    connect::TemplateUse {
        name: used.name.clone(),
        language: used.language.clone(),
        category: connect::TemplateCategory::parse(&used.category),
        file_role: used.file_role.clone(),
        header: used.header.clone(),
        header_name: used.header_name.clone(),
        file: None,
        place: None,
        body: used.variables.clone(),
        buttons: used.buttons.iter().map(button).collect(),
        rendered: rendered.to_owned(),
    }
}
