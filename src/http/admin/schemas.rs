//! Schemas of the fields that administrators send.

use utoipa::openapi::schema::Object;

use crate::domain::{
    Label, MAX_LABEL_CHARACTERS, MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS,
};
use crate::http::openapi::schemas::{optional_text, text};

/// A name.
pub(super) fn name() -> Object {
    text("A name for people. It must not contain control characters, invisible characters or characters that change the direction of the text.")
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_LABEL_CHARACTERS))
        .build()
}

/// An optional name.
pub(super) fn optional_name() -> Object {
    optional_text("A name for people. It must not contain control characters, invisible characters or characters that change the direction of the text.")
        .pattern(Some(Label::PATTERN))
        .max_length(Some(MAX_LABEL_CHARACTERS))
        .build()
}

/// A new password.
pub(super) fn password() -> Object {
    text("Any characters, including spaces. Its length is counted after NFKC normalization, as it is compared.")
        .min_length(Some(MIN_PASSWORD_CHARACTERS))
        .max_length(Some(MAX_PASSWORD_CHARACTERS))
        .build()
}

/// A rate limit.
pub(super) fn rate_limit() -> Object {
    optional_text(
        "Requests per window of 1s to 24h, such as `600/60s`. `null`: a key has the company's limit, and a \
         company the service's default. Only operators can set it.",
    )
    .pattern(Some("^[1-9][0-9]{0,8}/[1-9][0-9]{0,3}s$"))
    .build()
}
