//! Reads JSON one level at a time. The values of a level stay text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The members of a JSON object, as they were sent. The last one of a duplicate name counts.
pub type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Reads the members of a JSON object. Names are taken as they are: as a
/// [`Value`](serde_json::Value), an object with some names would become a number.
///
/// # Errors
/// If the text is no object. A well-formed object fails only if a name holds half of a surrogate
/// pair.
pub fn members(json: &str) -> Result<Members<'_>, serde_json::Error> {
    struct Object<'a>(Members<'a>);

    impl<'de> Deserialize<'de> for Object<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Reader).map(Self)
        }
    }

    struct Reader;

    impl<'de> Visitor<'de> for Reader {
        type Value = Members<'de>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Members::new();
            while let Some(Text(name)) = map.next_key()? {
                members.insert(name, map.next_value()?);
            }
            Ok(members)
        }
    }

    serde_json::from_str(json).map(|Object(members)| members)
}

/// Reads a JSON string; borrowed, if nothing in it is escaped.
///
/// # Errors
/// If the text is no string, or holds half of a surrogate pair.
pub fn text(json: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    serde_json::from_str(json).map(|Text(text)| text)
}

/// Borrows, as a `Cow` alone would not.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
