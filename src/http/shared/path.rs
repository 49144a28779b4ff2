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

/// What an id matches.
pub(in crate::http) const ID_PATTERN: &str = "^[1-9][0-9]{0,17}$";

/// A value that stands in a path.
pub(in crate::http) trait PathVariable {
    /// How the variable is named and described.
    fn parameter() -> ParameterBuilder;
}

/// The one variable part of a route's path: everything that stands there, slashes included.
pub(in crate::http) struct PathValue<T>(pub(in crate::http) T);

impl<T: FromStr<Err: Display>> FromRequest for PathValue<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(decoded(request).and_then(|text| text.parse().map(Self).map_err(unfit)))
    }
}

impl<T: PathVariable> IntoParams for PathValue<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![required(T::parameter())]
    }
}

/// As [`PathValue`], of an id. A number that is no id names nothing: it is not found.
pub(in crate::http) struct PathId<T>(pub(in crate::http) T);

/// What has an id.
pub(in crate::http) trait Identified: FromStr<Err = InvalidId> {
    /// What is answered where there is none.
    const MISSING: fn() -> ApiError;
    /// The name of the variable, and whose id it is.
    const VARIABLE: [&str; 2];
}

impl Identified for ContactId {
    const MISSING: fn() -> ApiError = || ApiError::NoSuchContact;
    const VARIABLE: [&str; 2] = ["id", "The contact's id."];
}

impl Identified for CompanyId {
    const MISSING: fn() -> ApiError = || ApiError::NoSuch("company");
    const VARIABLE: [&str; 2] = ["companyId", "The company's id."];
}

impl Identified for AdminId {
    const MISSING: fn() -> ApiError = || ApiError::NoSuch("administrator");
    const VARIABLE: [&str; 2] = ["adminId", "The administrator's id."];
}

impl<T: Identified> IntoParams for PathId<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let [name, description] = T::VARIABLE;
        let id = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(ID_PATTERN));
        let parameter = ParameterBuilder::new().name(name).schema(Some(id));
        vec![required(parameter.description(Some(description)))]
    }
}

fn required(parameter: ParameterBuilder) -> Parameter {
    parameter
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .build()
}

impl<T: Identified> FromRequest for PathId<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = decoded(request).and_then(|text| {
            text.parse().map_err(|error| match error {
                InvalidId::NeverUsed => T::MISSING(),
                InvalidId::Malformed => unfit(error),
            })
        });
        ready(id.map(Self))
    }
}

fn decoded(request: &HttpRequest) -> Result<Cow<'_, str>, ApiError> {
    let mut variables = request.match_info().iter();
    let (_, encoded) = variables.next().unwrap_or_default();
    percent_decode_str(encoded)
        .decode_utf8()
        .map_err(|_| ApiError::BadRequest("the path is not valid UTF-8 once decoded".into()))
}

fn unfit(error: impl Display) -> ApiError {
    ApiError::BadRequest(format!("the variable part of the path {error}").into())
}
