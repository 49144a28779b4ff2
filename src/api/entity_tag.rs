//! Entity tags (RFC 9110): the version of a contact that an answer shows, and that a change expects.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use time::OffsetDateTime;

use super::error::ApiError;
use crate::domain::Contact;
use crate::store::ExpectedVersions;

/// The versions that an `If-Match` header names; none for `*` or no header.
pub(super) struct IfMatch(Option<Vec<OffsetDateTime>>);

impl IfMatch {
    /// The versions that a change may be made to.
    pub(super) fn versions(&self) -> ExpectedVersions<'_> {
        self.0.as_deref()
    }

    /// A tag that is weak, or not ours, matches nothing.
    fn parse<'a>(headers: impl Iterator<Item = &'a str>) -> Self {
        let mut versions = None;
        for tag in headers.flat_map(|header| header.split(',')).map(str::trim) {
            if tag == "*" {
                return Self(None);
            }
            versions.get_or_insert_with(Vec::new).extend(read_tag(tag));
        }
        Self(versions)
    }
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let headers = request.headers().get_all(IF_MATCH);
        // A header that is no text is a tag of somebody else's.
        ready(Ok(Self::parse(
            headers.map(|header| header.to_str().unwrap_or_default()),
        )))
    }
}

/// The contact as JSON, with its version as `ETag`.
pub(super) fn with_entity_tag(contact: &Contact) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ETAG, tag(contact.updated_at)))
        .json(contact)
}

/// Microseconds since 1970: what Postgres keeps of a moment.
fn tag(moment: OffsetDateTime) -> String {
    format!("\"{}\"", moment.unix_timestamp_nanos() / 1000)
}

fn read_tag(tag: &str) -> Option<OffsetDateTime> {
    let micros = tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()?;
    OffsetDateTime::UNIX_EPOCH.checked_add(Duration::from_micros(micros).try_into().ok()?)
}
