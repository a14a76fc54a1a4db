//! Values on their way into a statement and out of a row, for both engines.

use crate::{Error, Result};

/// A bound value.
#[derive(Clone)]
pub(crate) enum Param<'a> {
    Null,
    Int(i64),
    Real(f64),
    Bool(bool),
    Text(&'a str),
    Owned(String),
    Bytes(&'a [u8]),
    Blob(Vec<u8>),
}

// A bound value may be about a person: it is never printed.
impl std::fmt::Debug for Param<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Param(…)")
    }
}

macro_rules! params_from {
    ($($from:ty => |$value:ident| $to:expr;)*) => { $(
        impl<'a> From<$from> for Param<'a> {
            fn from($value: $from) -> Self { $to }
        }
        impl<'a> From<Option<$from>> for Param<'a> {
            fn from(value: Option<$from>) -> Self { value.map_or(Self::Null, Into::into) }
        }
    )* };
}

params_from! {
    i64 => |value| Self::Int(value);
    f64 => |value| Self::Real(value);
    bool => |value| Self::Bool(value);
    &'a str => |value| Self::Text(value);
    String => |value| Self::Owned(value);
    &'a String => |value| Self::Text(value);
    &'a [u8] => |value| Self::Bytes(value);
    Vec<u8> => |value| Self::Blob(value);
    &'a Vec<u8> => |value| Self::Bytes(value);
}

/// `params![a, b]` makes the values `$2, $3, …` of a workspace statement, `$1, $2, …` of an installation statement.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Param::from($value)),*][..] };
}
pub(crate) use params;

/// A row of either engine.
pub(crate) enum Row<'a> {
    /// SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// PostgreSQL.
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    /// The value of a column, by position from 0.
    pub(crate) fn get<T: Cell>(&self, index: usize) -> Result<T> {
        T::read(self, index)
    }

    pub(crate) fn text(&self, index: usize) -> Result<String> {
        self.get(index)
    }
}

/// A value of any column, for what goes by the map and not by one table's columns.
#[derive(Clone, PartialEq)]
pub(crate) enum Plain {
    Null,
    Int(i64),
    Real(f64),
    Bool(bool),
    Text(String),
    Bytes(Vec<u8>),
}

// It may be about a person: it is never printed.
impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plain(…)")
    }
}

impl Plain {
    /// The same, to be bound.
    pub(crate) fn param(&self) -> Param<'_> {
        match self {
            Self::Null => Param::Null,
            Self::Int(value) => Param::Int(*value),
            Self::Real(value) => Param::Real(*value),
            Self::Bool(value) => Param::Bool(*value),
            Self::Text(value) => Param::Text(value),
            Self::Bytes(value) => Param::Bytes(value),
        }
    }
}

/// All columns of a row with their names. Truth values are numbers where the engine has no others.
pub(crate) fn cells(row: &Row<'_>) -> Result<Vec<(String, Plain)>> {
    match row {
        Row::Sqlite(of) => {
            let names = of.as_ref().column_names().map(str::to_owned).enumerate();
            names.map(|(index, name)| Ok((name, of_sqlite(of, index)?))).collect()
        }
        Row::Postgres(of) => {
            let columns = of.columns().iter().enumerate();
            columns.map(|(index, column)| Ok((column.name().to_owned(), of_postgres(row, of, index)?))).collect()
        }
    }
}

fn of_sqlite(row: &rusqlite::Row<'_>, index: usize) -> Result<Plain> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(index).map_err(|_| malformed(index))? {
        ValueRef::Null => Plain::Null,
        ValueRef::Integer(value) => Plain::Int(value),
        ValueRef::Real(value) => Plain::Real(value),
        ValueRef::Text(value) => Plain::Text(std::str::from_utf8(value).map_err(|_| malformed(index))?.to_owned()),
        ValueRef::Blob(value) => Plain::Bytes(value.to_owned()),
    })
}

fn of_postgres(any: &Row<'_>, row: &postgres::Row, index: usize) -> Result<Plain> {
    use postgres::types::Type;
    let kind = row.columns().get(index).map(|column| column.type_().clone());
    let value = match kind {
        Some(Type::TEXT | Type::VARCHAR) => any.get::<Option<String>>(index)?.map(Plain::Text),
        Some(Type::BYTEA) => any.get::<Option<Vec<u8>>>(index)?.map(Plain::Bytes),
        Some(Type::BOOL) => any.get::<Option<bool>>(index)?.map(Plain::Bool),
        Some(Type::FLOAT8) => any.get::<Option<f64>>(index)?.map(Plain::Real),
        _ => any.get::<Option<i64>>(index)?.map(Plain::Int),
    };
    Ok(value.unwrap_or(Plain::Null))
}

/// A type that can be read from a column.
pub(crate) trait Cell: Sized {
    fn read(row: &Row<'_>, index: usize) -> Result<Self>;
}

fn malformed(what: impl std::fmt::Display) -> Error {
    // Type mismatches only: the message of a driver's conversion error names types and positions, not values.
    Error::Engine(format!("a column has another type than expected: {what}"))
}

macro_rules! cells {
    ($($type:ty),*) => { $(
        impl Cell for $type {
            fn read(row: &Row<'_>, index: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => row.get(index).map_err(|_| malformed(index)),
                    Row::Postgres(row) => row.try_get(index).map_err(|_| malformed(index)),
                }
            }
        }
        impl Cell for Option<$type> {
            fn read(row: &Row<'_>, index: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => row.get(index).map_err(|_| malformed(index)),
                    Row::Postgres(row) => row.try_get(index).map_err(|_| malformed(index)),
                }
            }
        }
    )* };
}
cells!(f64, bool, String, Vec<u8>);

// PostgreSQL gives whole numbers in three widths: a literal in a SELECT is an INTEGER there.
impl Cell for i64 {
    fn read(row: &Row<'_>, index: usize) -> Result<Self> {
        <Option<Self>>::read(row, index)?.ok_or_else(|| malformed(index))
    }
}

impl Cell for Option<i64> {
    fn read(row: &Row<'_>, index: usize) -> Result<Self> {
        match row {
            Row::Sqlite(row) => row.get(index).map_err(|_| malformed(index)),
            Row::Postgres(row) => {
                let whole: Option<crate::store::Whole> = row.try_get(index).map_err(|_| malformed(index))?;
                Ok(whole.map(|whole| whole.0))
            }
        }
    }
}

/// Reads an enumeration that is stored as a word.
pub(crate) fn word<T: std::str::FromStr>(row: &Row<'_>, index: usize) -> Result<T> {
    row.text(index)?.parse().map_err(|_| Error::Engine("a stored word is not one of its enumeration".into()))
}

/// Reads an optional id or enumeration: NULL is `None`.
pub(crate) fn optional<T: Cell>(row: &Row<'_>, index: usize) -> Result<Option<T>> {
    let null = match row {
        Row::Sqlite(row) => matches!(row.get_ref(index), Ok(rusqlite::types::ValueRef::Null)),
        Row::Postgres(row) => matches!(row.try_get::<_, Option<crate::store::Anything>>(index), Ok(None)),
    };
    if null { Ok(None) } else { T::read(row, index).map(Some) }
}
