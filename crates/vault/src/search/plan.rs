//! A query in the engine's terms.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, DisjunctionMaxQuery, Occur, PhrasePrefixQuery, PhraseQuery, Query as Plan,
    RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::language::Stems;
use super::query::{Part, parse};
use super::schema::Fields;
use super::words::Folding;
use super::{DeleteBy, Filter, Kind, Query};

/// How much less than the word itself its stem, and a word that only begins like it, count; and how much more a name.
const STEM: f32 = 0.7;
const BEGINNING: f32 = 0.4;
const NAME: f32 = 1.5;
/// How many endings of a phrase's last word are tried.
const ENDINGS: u32 = 500;

/// The query in the engine's terms.
pub(super) fn plan(fields: &Fields, query: &Query) -> Box<dyn Plan> {
    let mut words = Words { fields, folding: Folding::new(), stems: Stems::default() };
    let mut clauses: Vec<(Occur, Box<dyn Plan>)> = Vec::new();
    for part in parse(&query.text) {
        let occur = if part.without { Occur::MustNot } else { Occur::Must };
        clauses.push((occur, words.part(&part)));
    }
    clauses.extend(filters(fields, &query.filter).into_iter().map(|filter| (Occur::Must, filter)));
    if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        clauses.push((Occur::Must, Box::new(AllQuery)));
    }
    Box::new(BooleanQuery::new(clauses))
}

/// The documents to remove, in the engine's terms.
pub(super) fn deletion(fields: &Fields, by: &DeleteBy) -> Box<dyn Plan> {
    let clauses = fields.delete_terms(by).into_iter().map(|term| (Occur::Must, exact(term))).collect();
    Box::new(BooleanQuery::new(clauses))
}

fn exact(term: Term) -> Box<dyn Plan> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

fn boosted(plan: Box<dyn Plan>, boost: f32) -> Box<dyn Plan> {
    Box::new(BoostQuery::new(plan, boost))
}

/// Filters count nothing: they only cut.
fn filters(fields: &Fields, filter: &Filter) -> Vec<Box<dyn Plan>> {
    let kinds: Vec<_> = filter.kinds.iter().map(|kind| Kind::as_str(*kind).to_owned()).collect();
    let lists = [
        (fields.contact, &filter.contacts),
        (fields.channel, &filter.channels),
        (fields.conversation, &filter.conversations),
        (fields.kind, &kinds),
    ];
    let set = |(field, ids): (Field, &Vec<String>)| {
        let terms = ids.iter().map(|id| Term::from_field_text(field, id));
        boosted(Box::new(TermSetQuery::new(terms)), 0.0)
    };
    let mut filters: Vec<_> = lists.into_iter().filter(|(_, ids)| !ids.is_empty()).map(set).collect();
    if filter.since.is_some() || filter.until.is_some() {
        let bound = |at| Term::from_field_i64(fields.at, at);
        let from = filter.since.map_or(Bound::Unbounded, |at| Bound::Included(bound(at)));
        let until = filter.until.map_or(Bound::Unbounded, |at| Bound::Excluded(bound(at)));
        filters.push(boosted(Box::new(RangeQuery::new(from, until)), 0.0));
    }
    filters
}

struct Words<'a> {
    fields: &'a Fields,
    folding: Folding,
    stems: Stems,
}

impl Words<'_> {
    /// What a part may match, of which the best counts.
    fn part(&mut self, part: &Part) -> Box<dyn Plan> {
        let folded: Vec<_> = part.words.iter().map(|word| self.folding.fold(word)).collect();
        let (text, name) = (self.fields.text, self.fields.name);
        let mut ways = vec![as_typed(text, &folded), boosted(as_typed(name, &folded), NAME)];
        if part.open {
            ways.push(boosted(as_begun(text, &folded), BEGINNING));
            ways.push(boosted(as_begun(name, &folded), BEGINNING * NAME));
        }
        if let ([word], false) = (part.words.as_slice(), part.quoted) {
            let stems = self.stems.all(word);
            let stem = self.fields.stem;
            ways.extend(stems.iter().map(|word| boosted(exact(Term::from_field_text(stem, word)), STEM)));
        }
        Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, 0.1))
    }
}

fn terms(field: Field, words: &[String]) -> Vec<Term> {
    words.iter().map(|word| Term::from_field_text(field, word)).collect()
}

/// The words one after the other.
fn as_typed(field: Field, words: &[String]) -> Box<dyn Plan> {
    match words {
        [word] => exact(Term::from_field_text(field, word)),
        _ => Box::new(PhraseQuery::new(terms(field, words))),
    }
}

/// The same, the last word being the beginning of one.
fn as_begun(field: Field, words: &[String]) -> Box<dyn Plan> {
    let mut plan = PhrasePrefixQuery::new(terms(field, words));
    plan.set_max_expansions(if words.len() == 1 { u32::MAX } else { ENDINGS });
    Box::new(plan)
}
