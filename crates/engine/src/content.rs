//! Between what connectors say and what the vault stores.

use connect::Inbound;
use vault::messages::{Body, Button, Card, Place};

/// The stored body of an inbound message. A quoted text is kept only where no stored message stands for it.
pub(crate) fn body(inbound: &Inbound, quote_is_stored: bool) -> Body {
    let quote = inbound.quote.as_ref().filter(|_| !quote_is_stored).and_then(|quote| quote.text.clone());
    Body {
        text: inbound.text.clone(),
        place: inbound.place.as_ref().map(stored_place),
        cards: inbound.cards.iter().map(stored_card).collect(),
        choice: inbound.choice.as_ref().map(|choice| choice.data.clone()),
        buttons: Vec::new(),
        quote,
        unsupported: inbound.unsupported.clone(),
        album: inbound.album.clone(),
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
