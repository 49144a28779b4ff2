//! A value from the path, parsed.

use std::fmt::Display;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::percent_decode_str;

use super::error::ApiError;

/// The one variable part of a route's path: everything that stands there, slashes included.
pub(super) struct PathValue<T>(pub(super) T);

impl<T: FromStr<Err: Display>> FromRequest for PathValue<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.match_info().get("value").unwrap_or_default()).map(Self))
    }
}

fn parse<T: FromStr<Err: Display>>(encoded: &str) -> Result<T, ApiError> {
    let text = percent_decode_str(encoded)
        .decode_utf8()
        .map_err(|_| ApiError::BadRequest("the path is not valid UTF-8 once decoded".into()))?;
    text.parse().map_err(|error: T::Err| {
        ApiError::BadRequest(format!("the last part of the path {error}").into())
    })
}
