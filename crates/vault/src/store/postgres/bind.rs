//! Values as PostgreSQL wants them.

use std::error::Error;

use bytes::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::value::Param;

type Encoded = Result<IsNull, Box<dyn Error + Sync + Send>>;

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Encoded {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => whole(*value, ty, out),
            Self::Real(value) if *ty == Type::FLOAT8 => value.to_sql(ty, out),
            Self::Bool(value) if *ty == Type::BOOL => value.to_sql(ty, out),
            Self::Text(value) if is_text(ty) => value.to_sql(ty, out),
            Self::Owned(value) if is_text(ty) => value.to_sql(ty, out),
            Self::Bytes(value) if *ty == Type::BYTEA => value.to_sql(ty, out),
            Self::Blob(value) if *ty == Type::BYTEA => value.to_sql(ty, out),
            _ => Err(mismatch(ty)),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The server infers the parameter's width from what stands beside it: `$2 + 1` is an INTEGER there.
fn whole(value: i64, ty: &Type, out: &mut BytesMut) -> Encoded {
    match *ty {
        Type::INT8 => value.to_sql(ty, out),
        Type::INT4 => i32::try_from(value)?.to_sql(ty, out),
        Type::INT2 => i16::try_from(value)?.to_sql(ty, out),
        _ => Err(mismatch(ty)),
    }
}

fn is_text(ty: &Type) -> bool {
    *ty == Type::TEXT || *ty == Type::VARCHAR || *ty == Type::UNKNOWN
}

fn mismatch(ty: &Type) -> Box<dyn Error + Sync + Send> {
    format!("the statement wants {ty} here").into()
}

/// A whole number of any width.
pub(crate) struct Whole(pub(crate) i64);

impl<'a> FromSql<'a> for Whole {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT2 => i16::from_sql(ty, raw)?.into(),
            Type::INT4 => i32::from_sql(ty, raw)?.into(),
            _ => i64::from_sql(ty, raw)?,
        }))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::INT8 || *ty == Type::INT4 || *ty == Type::INT2
    }
}

/// A value of any type, to see whether there is one.
pub(crate) struct Anything;

impl<'a> FromSql<'a> for Anything {
    fn from_sql(_: &Type, _: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
