//! The errors that operations have in common, described once. Their examples are made by the code
//! that answers them.

use actix_web::ResponseError;
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::headers;
use crate::domain::{ContactId, IdentifierKind, Scope};
use crate::http::public::answers::ErrorEnvelope;
use crate::http::public::examples;
use crate::http::shared::error::ApiError;
use crate::http::shared::request_id;

/// Any id, such as an answer would have.
const REQUEST_ID: &str = "0197f6c8-8a3b-7cc1-9f0e-2d6a5b4c3e21";

/// An error that operations may answer.
pub(in crate::http) struct Refusal {
    error: ApiError,
    /// Where it is described.
    pub(in crate::http) name: &'static str,
    description: &'static str,
    headers: &'static [&'static str],
    /// Which operations may answer it; besides, those whose handler names its status.
    is_of: fn(&Operation) -> bool,
}

impl Refusal {
    pub(in crate::http) fn new(
        error: ApiError,
        name: &'static str,
        description: &'static str,
        headers: &'static [&'static str],
        is_of: fn(&Operation) -> bool,
    ) -> Self {
        Self {
            error,
            name,
            description,
            headers,
            is_of,
        }
    }

    /// The status, as the document writes it.
    pub(in crate::http) fn status(&self) -> String {
        self.error.status_code().as_str().to_owned()
    }

    /// Whether an operation may answer it.
    pub(in crate::http) fn is_of(&self, operation: &Operation) -> bool {
        (self.is_of)(operation) || operation.responses.responses.contains_key(&self.status())
    }

    /// The answer.
    pub(in crate::http) fn response(&self) -> Response {
        let example = request_id::within(REQUEST_ID, || self.error.envelope());
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(ErrorEnvelope::name())))
            .example(Some(example))
            .build();
        let mut response = ResponseBuilder::new()
            .description(self.description)
            .content("application/json", content)
            .build();
        headers::add(&mut response, &headers::EVERYWHERE);
        headers::add(&mut response, self.headers);
        response
    }
}

/// All of them.
pub(in crate::http) fn all() -> Vec<Refusal> {
    of_every_operation().into_iter().chain(of_some()).collect()
}

fn of_every_operation() -> [Refusal; 7] {
    [
        Refusal::new(
            ApiError::BadRequest("the body is not well-formed JSON".into()),
            "BadRequest",
            "The path, the query or the body cannot be read, or a query parameter is unknown.",
            &headers::AUTHENTICATED,
            every,
        ),
        Refusal::new(
            ApiError::Unauthorized,
            "Unauthorized",
            "The API key is missing, unknown, expired or revoked.",
            &["WWW-Authenticate"],
            every,
        ),
        Refusal::new(
            ApiError::MissingScope(Scope::ContactsWrite),
            "Forbidden",
            "The key lacks the scope, or its company is suspended.",
            &headers::AUTHENTICATED,
            every,
        ),
        Refusal::new(
            ApiError::MethodNotAllowed,
            "MethodNotAllowed",
            "The path takes other methods.",
            &["Allow"],
            every,
        ),
        Refusal::new(
            examples::rate_limited(),
            "RateLimited",
            "The key's limit is used up, or the address sent too many bad keys.",
            &headers::LIMITED,
            every,
        ),
        Refusal::new(
            ApiError::Internal(String::new()),
            "Internal",
            "A defect of the service.",
            &headers::AUTHENTICATED,
            every,
        ),
        Refusal::new(
            examples::unavailable(),
            "Unavailable",
            "The service cannot do it now. Send it again: that is safe.",
            &["Retry-After"],
            every,
        ),
    ]
}

fn of_some() -> [Refusal; 6] {
    [
        Refusal::new(
            ApiError::NoSuchContact,
            "NotFound",
            "There is no such contact in the key's company.",
            &headers::AUTHENTICATED,
            |operation| has_parameter(operation, |it| it.parameter_in == ParameterIn::Path),
        ),
        Refusal::new(
            ApiError::IdentifierTaken {
                identifier: IdentifierKind::Phone,
                contact_id: ContactId::new(1),
                conflicting_contact_id: ContactId::new(2),
            },
            "DuplicateResource",
            "An identifier belongs to another contact, or the contact with the phone has another \
             e-mail address and the company refuses to replace it. Nothing was written.",
            &headers::AUTHENTICATED,
            none,
        ),
        Refusal::new(
            ApiError::PreconditionFailed,
            "PreconditionFailed",
            "The contact is not in a version that `If-Match` names.",
            &headers::AUTHENTICATED,
            |operation| has_parameter(operation, |it| it.name == "If-Match"),
        ),
        Refusal::new(
            ApiError::PayloadTooLarge {
                max_bytes: 128 * 1024,
            },
            "PayloadTooLarge",
            "The body is larger than 128 KiB, or a batch larger than 8 MiB. A contact of a batch that is larger than 128 KiB is refused by itself.",
            &headers::AUTHENTICATED,
            has_body,
        ),
        Refusal::new(
            ApiError::UnsupportedMediaType,
            "UnsupportedMediaType",
            "The body is not plain JSON.",
            &headers::AUTHENTICATED,
            has_body,
        ),
        Refusal::new(
            examples::invalid_email(),
            "Invalid",
            "Some values are wrong. `details.errors` names the first 20 bad fields.",
            &headers::AUTHENTICATED,
            has_body,
        ),
    ]
}

pub(in crate::http) fn every(_: &Operation) -> bool {
    true
}

pub(in crate::http) fn none(_: &Operation) -> bool {
    false
}

pub(in crate::http) fn has_body(operation: &Operation) -> bool {
    operation.request_body.is_some()
}

pub(in crate::http) fn has_parameter(
    operation: &Operation,
    is_it: impl Fn(&Parameter) -> bool,
) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| match parameter {
        RefOr::T(parameter) => is_it(parameter),
        RefOr::Ref(_) => false,
    })
}
