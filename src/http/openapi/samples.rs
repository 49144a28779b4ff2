//! Values for the samples in the documents.

use time::OffsetDateTime;
use time::macros::datetime;

use crate::domain::ClientId;

/// The timestamp of a sample.
pub(in crate::http) const TIMESTAMP: OffsetDateTime = datetime!(2026-01-31 09:30:00.123456 UTC);

/// A request id.
pub(in crate::http) const REQUEST_ID: &str = "0197f6c8-8a3b-7cc1-9f0e-2d6a5b4c3e21";

/// A refresh token.
pub(in crate::http) const TOKEN: &str =
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// An invitation token.
pub(in crate::http) const INVITATION_TOKEN: &str =
    "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

/// The client id of an API key.
#[expect(clippy::expect_used, reason = "twelve characters of its alphabet")]
pub(in crate::http) fn client_id() -> ClientId {
    "abcdefghij27".parse().expect("a client id")
}

/// The client id of another API key.
#[expect(clippy::expect_used, reason = "twelve characters of its alphabet")]
pub(in crate::http) fn other_client_id() -> ClientId {
    "7abcdefghij2".parse().expect("a client id")
}
