//! Entity tags and preconditions (RFC 9110, sections 8.8.3 and 13): the version of a contact in a response,
//! and the versions that a request expects or excludes.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use time::OffsetDateTime;
use utoipa::IntoParams;

use super::contact::ContactResponse;
use crate::domain::Contact;
use crate::http::shared::ApiError;

/// `If-Match` and `If-None-Match`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(in crate::http::public) struct Preconditions {
    /// The `ETag` of the expected version, or a list of them: any other version gets a 412. `*`: any version
    /// of an active contact. Default: any version.
    #[param(rename = "If-Match", value_type = Option<String>)]
    if_match: Option<Tags>,
    /// The `ETag` of an excluded version, or a list of them: reading such a version gets a 304, changing it a
    /// 412. `*`: any version of an active contact.
    #[param(rename = "If-None-Match", value_type = Option<String>)]
    if_none_match: Option<Tags>,
}

/// The value of one of the two headers.
enum Tags {
    /// `*`: any version of an existing contact.
    Any,
    /// The listed versions. Unknown tags are left out.
    Listed(Vec<OffsetDateTime>),
}

impl FromRequest for Preconditions {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self {
            if_match: Tags::sent(request, &IF_MATCH, Comparison::Strong),
            if_none_match: Tags::sent(request, &IF_NONE_MATCH, Comparison::Weak),
        }))
    }
}

impl Preconditions {
    /// Whether the preconditions are only a list of expected versions, which the statement that makes the
    /// change can compare itself.
    pub(super) const fn is_list_of_versions(&self) -> bool {
        self.if_none_match.is_none() && !matches!(self.if_match, Some(Tags::Any))
    }

    /// The versions that `If-Match` lists; `None` for `*` or no header.
    pub(super) fn expected(&self) -> Option<&[OffsetDateTime]> {
        match &self.if_match {
            Some(Tags::Listed(versions)) => Some(versions),
            Some(Tags::Any) | None => None,
        }
    }

    /// Checks the preconditions of a change of this contact. A deleted contact has no version.
    pub(super) fn check_change(&self, contact: &Contact) -> Result<(), ApiError> {
        let version = Some(contact.updated_at).filter(|_| contact.deleted_at.is_none());
        let is_wanted = matches(self.if_match.as_ref(), version).unwrap_or(true);
        let is_unwanted = matches(self.if_none_match.as_ref(), version).unwrap_or(false);
        if is_wanted && !is_unwanted {
            Ok(())
        } else {
            Err(ApiError::PreconditionFailed)
        }
    }

    /// The response to a GET of an active contact: the contact, or 304.
    pub(super) fn respond(&self, contact: Contact) -> Result<HttpResponse, ApiError> {
        let version = Some(contact.updated_at);
        if matches(self.if_match.as_ref(), version) == Some(false) {
            return Err(ApiError::PreconditionFailed);
        }
        if matches(self.if_none_match.as_ref(), version) == Some(true) {
            return Ok(HttpResponse::NotModified()
                .insert_header((ETAG, tag(contact.updated_at)))
                .finish());
        }
        Ok(with_entity_tag(contact))
    }
}

/// Whether a header, if it was sent, matches a version.
fn matches(tags: Option<&Tags>, version: Option<OffsetDateTime>) -> Option<bool> {
    tags.map(|tags| {
        version.is_some_and(|version| match tags {
            Tags::Any => true,
            Tags::Listed(versions) => versions.contains(&version),
        })
    })
}

/// The two comparisons of tags. A weak tag (`W/"…"`) matches only in the weak one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

impl Tags {
    fn sent(request: &HttpRequest, name: &HeaderName, comparison: Comparison) -> Option<Self> {
        let values = request.headers().get_all(name);
        // A header that is not text has only unknown tags.
        Self::parse(
            values.map(|value| value.to_str().unwrap_or_default()),
            comparison,
        )
    }

    fn parse<'a>(values: impl Iterator<Item = &'a str>, comparison: Comparison) -> Option<Self> {
        let mut versions = None;
        for value in values {
            if value.trim() == "*" {
                return Some(Self::Any);
            }
            let tags = tags_of(value)
                .filter(|(is_weak, _)| !is_weak || comparison == Comparison::Weak)
                .filter_map(|(_, opaque)| read_tag(opaque));
            versions.get_or_insert_with(Vec::new).extend(tags);
        }
        versions.map(Self::Listed)
    }
}

/// The tags of a list: whether each is weak, and the text between its quotes. Malformed tags are left out.
fn tags_of(value: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = value;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return None;
            }
            let strong = rest.strip_prefix("W/");
            let quoted = strong.unwrap_or(rest).strip_prefix('"');
            match quoted.and_then(|quoted| quoted.split_once('"')) {
                Some((opaque, after)) => {
                    let is_weak = strong.is_some();
                    rest = after;
                    return Some((is_weak, opaque));
                }
                None => rest = rest.split_once(',').map_or("", |(_, after)| after),
            }
        }
    })
}

/// A response with the contact, and its version as `ETag`.
pub(super) fn with_entity_tag(contact: Contact) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ETAG, tag(contact.updated_at)))
        .json(ContactResponse::from(contact))
}

fn tag(version: OffsetDateTime) -> String {
    format!("\"{}\"", opaque(version))
}

/// Unix time in microseconds, the precision of Postgres.
fn opaque(version: OffsetDateTime) -> i128 {
    version.unix_timestamp_nanos() / 1000
}

fn read_tag(text: &str) -> Option<OffsetDateTime> {
    let since = Duration::from_micros(text.parse().ok()?);
    let version = OffsetDateTime::UNIX_EPOCH.checked_add(since.try_into().ok()?)?;
    // A version has one spelling: 01 is not 1.
    (opaque(version).to_string() == text).then_some(version)
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::{Comparison, Tags, read_tag, tags_of};

    fn listed(values: &[&str], comparison: Comparison) -> Option<Vec<i64>> {
        match Tags::parse(values.iter().copied(), comparison)? {
            Tags::Any => Some(vec![-1]),
            Tags::Listed(versions) => Some(
                versions
                    .iter()
                    .map(|version| version.unix_timestamp())
                    .collect(),
            ),
        }
    }

    #[test]
    fn tags_are_read_by_the_grammar_of_the_header() {
        let tags: Vec<_> = tags_of(r#""a", W/"b" ,,"c,d",e, "f"g,"h"#).collect();
        assert_eq!(
            tags,
            [(false, "a"), (true, "b"), (false, "c,d"), (false, "f")]
        );
        assert_eq!(tags_of("").count(), 0);
    }

    #[test]
    fn weak_tags_are_equal_by_the_weak_comparison_alone() {
        let values = [r#""1000000", W/"2000000""#, r#""other""#];
        assert_eq!(listed(&values, Comparison::Strong), Some(vec![1]));
        assert_eq!(listed(&values, Comparison::Weak), Some(vec![1, 2]));
        assert_eq!(listed(&["*"], Comparison::Weak), Some(vec![-1]));
        assert_eq!(listed(&[], Comparison::Weak), None);
        assert_eq!(listed(&[""], Comparison::Weak), Some(vec![]));
    }

    #[test]
    fn a_version_has_one_tag() {
        assert_eq!(read_tag("0"), Some(OffsetDateTime::UNIX_EPOCH));
        for text in ["", "00", "+1", "-1", "1.0", "18446744073709551615"] {
            assert_eq!(read_tag(text), None, "{text}");
        }
    }
}
