//! Schemas of what administrators send.

use utoipa::openapi::schema::Object;

use crate::domain::{
    Label, MAX_LABEL_CHARACTERS, MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS,
};
use crate::http::openapi::schemas::{optional_text, text};

/// A name.
pub(super) fn name() -> Object {
    text("For people. No control characters, nor others that are invisible or change the direction of the text.")
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_LABEL_CHARACTERS))
        .build()
}

/// A name that may be left out.
pub(super) fn optional_name() -> Object {
    optional_text("For people. No control characters, nor others that are invisible or change the direction of the text. `null`: it stays.")
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_LABEL_CHARACTERS))
        .build()
}

/// A password to set.
pub(super) fn password() -> Object {
    text("Any characters, spaces too. Compared in Unicode's form NFKC, in which its length counts.")
        .min_length(Some(MIN_PASSWORD_CHARACTERS))
        .max_length(Some(MAX_PASSWORD_CHARACTERS))
        .build()
}

/// A limit.
pub(super) fn rate_limit() -> Object {
    optional_text(
        "Requests per window of 1s to 24h, such as `600/60s`. `null`: the next wider limit, of the \
         company or of the service. Only operators set it.",
    )
    .pattern(Some("^[1-9][0-9]{0,8}/[1-9][0-9]{0,3}s$"))
    .build()
}
