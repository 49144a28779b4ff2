//! The variable part of a path, parsed.

use std::borrow::Cow;
use std::fmt::Display;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::percent_decode_str;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::error::ApiError;
use crate::domain::{AdminId, CompanyId, ContactId, InvalidId};

/// The pattern of an id.
pub(in crate::http) const ID_PATTERN: &str = "^[1-9][0-9]{0,17}$";

/// A value that a path contains.
pub(in crate::http) trait PathVariable: FromStr<Err: Display> {
    /// The name and the description of the variable.
    fn parameter() -> ParameterBuilder;

    /// The error for a text that cannot be parsed.
    fn refuse(error: Self::Err) -> ApiError {
        malformed(error)
    }
}

/// The one variable of a route's path: its whole text, slashes included.
pub(in crate::http) struct PathValue<T>(pub(in crate::http) T);

impl<T: PathVariable> FromRequest for PathValue<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(decoded(request).and_then(|text| text.parse().map(Self).map_err(T::refuse)))
    }
}

impl<T: PathVariable> IntoParams for PathValue<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = T::parameter().parameter_in(ParameterIn::Path);
        vec![parameter.required(Required::True).build()]
    }
}

impl PathVariable for ContactId {
    fn parameter() -> ParameterBuilder {
        id("id", "The contact's id.")
    }

    fn refuse(error: InvalidId) -> ApiError {
        no_such_id(error, ApiError::NoSuchContact)
    }
}

impl PathVariable for CompanyId {
    fn parameter() -> ParameterBuilder {
        id("companyId", "The company's id.")
    }

    fn refuse(error: InvalidId) -> ApiError {
        no_such_id(error, ApiError::NoSuch("company"))
    }
}

impl PathVariable for AdminId {
    fn parameter() -> ParameterBuilder {
        id("adminId", "The administrator's id.")
    }

    fn refuse(error: InvalidId) -> ApiError {
        no_such_id(error, ApiError::NoSuch("administrator"))
    }
}

fn id(name: &str, description: &str) -> ParameterBuilder {
    let schema = ObjectBuilder::new().schema_type(Type::String);
    let parameter = ParameterBuilder::new().name(name);
    let parameter = parameter.schema(Some(schema.pattern(Some(ID_PATTERN))));
    parameter.description(Some(description))
}

/// A number that is never used as an id is not found.
fn no_such_id(error: InvalidId, not_found: ApiError) -> ApiError {
    match error {
        InvalidId::NeverUsed => not_found,
        InvalidId::Malformed => malformed(error),
    }
}

fn malformed(error: impl Display) -> ApiError {
    ApiError::BadRequest(format!("the variable part of the path {error}").into())
}

fn decoded(request: &HttpRequest) -> Result<Cow<'_, str>, ApiError> {
    let mut variables = request.match_info().iter();
    let (_, encoded) = variables.next().unwrap_or_default();
    percent_decode_str(encoded)
        .decode_utf8()
        .map_err(|_| ApiError::BadRequest("the path is not valid UTF-8 once decoded".into()))
}
