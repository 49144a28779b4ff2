//! JSON text as a parameter, without parsing it here.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// The version of the binary format of `jsonb`. The only one is the text itself.
const TEXT_FORMAT: u8 = 1;

/// Well-formed JSON text, for a parameter of the type `jsonb`.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct JsonText<'a>(pub(in crate::store) &'a str);

impl ToSql for JsonText<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&[TEXT_FORMAT]);
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSONB
    }

    to_sql_checked!();
}
