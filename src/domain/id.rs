//! Ids: one form of text for all of them.

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Not the decimal digits of a positive number.
    #[error("must be an id: a positive whole number of at most 18 digits, such as 12345")]
    Malformed,
    /// A number that is no id: with leading zeros, or too large.
    #[error("must be an id: at most 18 digits without leading zeros, such as 12345")]
    NeverUsed,
}

/// The most decimal digits of an id: each such number fits into 64 bits with a sign.
const MAX_DIGITS: usize = 18;

/// Reads `[1-9][0-9]{0,17}`: an id has one spelling.
pub(super) fn parse(text: &str) -> Result<i64, InvalidId> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidId::Malformed);
    }
    match text.parse() {
        Ok(0) | Err(_) => Err(InvalidId::Malformed),
        Ok(_) if text.starts_with('0') || text.len() > MAX_DIGITS => Err(InvalidId::NeverUsed),
        Ok(id) => Ok(id),
    }
}

/// Defines the id of one kind of thing. Callers see it as a decimal string.
macro_rules! define_id {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Wraps an id as the database holds it.
            #[must_use]
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            /// The id as the database holds it.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::domain::InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::domain::id::parse(text).map(Self)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

pub(super) use define_id;

#[cfg(test)]
mod tests {
    use super::{InvalidId, parse};

    #[test]
    fn an_id_is_a_positive_number_in_its_one_spelling() {
        assert_eq!(parse("1"), Ok(1));
        assert_eq!(parse("10"), Ok(10));
        assert_eq!(parse("999999999999999999"), Ok(999_999_999_999_999_999));
        for text in [
            "01",
            "0001",
            "0000000000000000000000000000001",
            "1000000000000000000",
            "9223372036854775807",
        ] {
            assert_eq!(parse(text), Err(InvalidId::NeverUsed), "{text}");
        }
        for text in [
            "",
            "0",
            "00",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "0x1",
            "1_000",
            "abc",
            "\u{661}",
            "9223372036854775808",
        ] {
            assert_eq!(parse(text), Err(InvalidId::Malformed), "{text}");
        }
    }
}
