//! The common errors of the public API.

use utoipa::openapi::path::ParameterIn;

use crate::domain::{ContactId, IdentifierKind, Scope};
use crate::http::openapi::common_errors::{Common, CommonError, every, has_parameter, none};
use crate::http::openapi::headers::AUTHENTICATED;
use crate::http::shared::{ApiError, BodyLimit, OneContact};

/// The common errors.
pub(super) fn common_errors() -> Vec<CommonError> {
    let common = Common {
        headers: &AUTHENTICATED,
        rate_limited: "The limit of the key or the company was reached, or the address sent too many invalid keys.",
        unavailable: "The service is temporarily unavailable. The request is safe to repeat.",
        too_large: (
            OneContact::MAX_BYTES,
            "The body is larger than 128 KiB, or a batch is larger than 8 MiB. In a batch, only the contacts that are larger than 128 KiB fail.",
        ),
    };
    let mut errors = common.errors();
    errors.extend([
        CommonError {
            error: ApiError::Unauthorized,
            name: "Unauthorized",
            description: "The API key is missing, unknown, expired or revoked.",
            headers: &["WWW-Authenticate"],
            is_of: every,
        },
        CommonError {
            error: ApiError::MissingScope(Scope::ContactsWrite),
            name: "Forbidden",
            description: "The key lacks the required scope, or its company is suspended.",
            headers: &AUTHENTICATED,
            is_of: every,
        },
        CommonError {
            error: ApiError::NoSuchContact,
            name: "NotFound",
            description: "The key's company has no such contact.",
            headers: &AUTHENTICATED,
            is_of: |operation| has_parameter(operation, |it| it.parameter_in == ParameterIn::Path),
        },
        CommonError {
            error: ApiError::IdentifierTaken {
                identifier: IdentifierKind::Phone,
                contact_id: ContactId::new(1),
                conflicting_contact_id: ContactId::new(2),
            },
            name: "DuplicateResource",
            description: "An identifier belongs to another contact, or the contact with the phone has another \
             e-mail address, which the company does not allow to replace. Nothing was saved.",
            headers: &AUTHENTICATED,
            is_of: none,
        },
        CommonError {
            error: ApiError::PreconditionFailed,
            name: "PreconditionFailed",
            description: "The version of the contact does not meet `If-Match` or `If-None-Match`.",
            headers: &AUTHENTICATED,
            is_of: |operation| has_parameter(operation, |it| it.name == "If-Match"),
        },
    ]);
    errors
}
