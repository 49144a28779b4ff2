//! Why a contact is not written.

use crate::domain::{ContactId, IdentifierKind};
use crate::store::StoreError;

/// Why a contact was not written.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// There is no such contact.
    #[error("there is no such contact")]
    NotFound,
    /// The contact is in none of the expected versions.
    #[error("the contact was changed meanwhile")]
    PreconditionFailed,
    /// An identifier belongs to another live contact.
    #[error("the identifier belongs to another contact")]
    IdentifierTaken {
        /// Which identifier.
        identifier: IdentifierKind,
        /// The contact that was to have it.
        contact_id: ContactId,
        /// The contact that has it.
        conflicting_contact_id: ContactId,
    },
    /// The contact that was matched by phone has another e-mail address, and its company chose to
    /// refuse that.
    #[error("the contact with this phone has another e-mail address")]
    EmailDiffers {
        /// The contact that has the phone.
        contact_id: ContactId,
    },
    /// The contact would be left without an identifier that it has to have.
    #[error("an identifier is required")]
    IdentifierRequired(IdentifierKind),
    /// The merged custom fields would take too many bytes.
    #[error("the merged custom fields are too large")]
    CustomFieldsTooLarge,
    /// The merged custom fields would have too many keys.
    #[error("the merged custom fields have too many keys")]
    TooManyCustomFields,
    /// The database did not do it.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ContactError {
    fn from(error: StoreError) -> Self {
        match error {
            // Custom fields alone are of any size.
            StoreError::TooLarge(_) => Self::CustomFieldsTooLarge,
            StoreError::Unavailable(_) | StoreError::Defect(_) | StoreError::ActorDisabled => {
                Self::Store(error)
            }
        }
    }
}
