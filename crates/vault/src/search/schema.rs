//! What is indexed of a document. Only ids are stored; of text only the inverted lists exist.

use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, Schema, TantivyDocument, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{IndexSettings, Term};

use super::language::{Language, Stems};
use super::words::{Folding, Word, words};
use super::{DeleteBy, Doc, Hit, Kind};

/// The name of the field that orders by time.
pub(super) const AT: &str = "at";

/// The fields of every index.
#[derive(Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    pub(super) message: Field,
    pub(super) conversation: Field,
    pub(super) contact: Field,
    pub(super) channel: Field,
    pub(super) kind: Field,
    pub(super) at: Field,
    /// Folded words with positions.
    pub(super) text: Field,
    /// The same of the name.
    pub(super) name: Field,
    /// Stems of the text.
    pub(super) stem: Field,
}

/// Makes documents for the engine.
pub(super) struct Documents<'a> {
    fields: &'a Fields,
    folding: Folding,
    stems: Stems,
}

impl Fields {
    pub(super) fn new() -> Self {
        let indexed = |record, norms| {
            // Words come cut: the engine's own tokenizer is never asked.
            let options =
                TextFieldIndexing::default().set_tokenizer("raw").set_index_option(record).set_fieldnorms(norms);
            TextOptions::default().set_indexing_options(options)
        };
        let id = || indexed(IndexRecordOption::Basic, false) | STORED;
        let positions = || indexed(IndexRecordOption::WithFreqsAndPositions, true);
        let mut schema = Schema::builder();
        let [message, conversation, contact, channel, kind] =
            ["message", "conversation", "contact", "channel", "kind"].map(|name| schema.add_text_field(name, id()));
        let at = schema.add_i64_field(AT, FAST | STORED);
        let text = schema.add_text_field("text", positions());
        let name = schema.add_text_field("name", positions());
        let stem = schema.add_text_field("stem", indexed(IndexRecordOption::WithFreqs, true));
        Self { schema: schema.build(), message, conversation, contact, channel, kind, at, text, name, stem }
    }

    pub(super) fn settings() -> IndexSettings {
        IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() }
    }

    /// The terms that all hold for the documents to remove.
    pub(super) fn delete_terms(&self, by: &DeleteBy) -> Vec<Term> {
        let term = |field, id: &String| Term::from_field_text(field, id);
        match by {
            DeleteBy::Message(id) => vec![term(self.message, id)],
            DeleteBy::Contact(id) => vec![term(self.contact, id)],
            DeleteBy::ContactOn(id, channel) => vec![term(self.contact, id), term(self.channel, channel)],
            DeleteBy::Conversation(id) => vec![term(self.conversation, id)],
            DeleteBy::Channel(id) => vec![term(self.channel, id)],
        }
    }

    /// A stored document as a hit; `None` if it is none of ours.
    pub(super) fn hit(&self, stored: &TantivyDocument, score: f32) -> Option<Hit> {
        let text = |field| stored.get_first(field).and_then(|value| value.as_str()).map(str::to_owned);
        Some(Hit {
            message: text(self.message)?,
            conversation: text(self.conversation)?,
            contact: text(self.contact)?,
            channel: text(self.channel)?,
            kind: Kind::parse(&text(self.kind)?)?,
            at: stored.get_first(self.at).and_then(|value| value.as_i64())?,
            score,
        })
    }
}

impl<'a> Documents<'a> {
    pub(super) fn new(fields: &'a Fields) -> Self {
        Self { fields, folding: Folding::new(), stems: Stems::default() }
    }

    pub(super) fn make(&mut self, doc: &Doc) -> TantivyDocument {
        let fields = self.fields;
        let mut made = TantivyDocument::default();
        let ids = [
            (fields.message, doc.message.as_str()),
            (fields.conversation, &doc.conversation),
            (fields.contact, &doc.contact),
            (fields.channel, &doc.channel),
            (fields.kind, doc.kind.as_str()),
        ];
        for (field, id) in ids {
            made.add_text(field, id);
        }
        made.add_i64(fields.at, doc.at);
        let (text, name) = (words(&doc.text), words(doc.name.as_deref().unwrap_or_default()));
        let language = doc.language.as_deref().map_or_else(|| Language::guess(&text), Language::of_tag);
        made.add_pre_tokenized_text(fields.text, tokens(text.iter().map(|word| self.folding.fold(&word.lower))));
        made.add_pre_tokenized_text(fields.name, tokens(name.iter().map(|word| self.folding.fold(&word.lower))));
        if let Some(language) = language {
            made.add_pre_tokenized_text(fields.stem, self.stemmed(language, &text));
        }
        made
    }

    fn stemmed(&mut self, language: Language, words: &[Word]) -> PreTokenizedString {
        tokens(words.iter().map(|word| self.stems.stem(language, &word.lower)))
    }
}

fn tokens(words: impl Iterator<Item = String>) -> PreTokenizedString {
    let token = |(position, text)| Token { offset_from: 0, offset_to: 0, position, text, position_length: 1 };
    PreTokenizedString { text: String::new(), tokens: words.enumerate().map(token).collect() }
}
