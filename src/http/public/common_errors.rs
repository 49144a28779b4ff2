//! The errors that operations of the public API have in common.

use utoipa::openapi::path::ParameterIn;

use crate::domain::{ContactId, IdentifierKind, Scope};
use crate::http::openapi::headers::AUTHENTICATED;
use crate::http::openapi::refusals::{Common, Refusal, every, has_parameter, none};
use crate::http::shared::{ApiError, BodyLimit, OneContact};

/// All of them.
pub(super) fn refusals() -> Vec<Refusal> {
    let common = Common {
        headers: &AUTHENTICATED,
        rate_limited: "The key's limit is used up, or the address sent too many bad keys.",
        unavailable: "The service cannot do it now. Send it again: that is safe.",
        too_large: (
            OneContact::MAX_BYTES,
            "The body is larger than 128 KiB, or a batch larger than 8 MiB. A contact of a batch that is larger than 128 KiB is refused by itself.",
        ),
    };
    let mut refusals = common.refusals();
    refusals.extend([
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
            &AUTHENTICATED,
            every,
        ),
        Refusal::new(
            ApiError::NoSuchContact,
            "NotFound",
            "There is no such contact in the key's company.",
            &AUTHENTICATED,
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
            &AUTHENTICATED,
            none,
        ),
        Refusal::new(
            ApiError::PreconditionFailed,
            "PreconditionFailed",
            "The contact is not in a version that `If-Match` names.",
            &AUTHENTICATED,
            |operation| has_parameter(operation, |it| it.name == "If-Match"),
        ),
    ]);
    refusals
}
