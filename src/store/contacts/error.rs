//! Why a contact is not written.

use crate::domain::{ContactId, IdentifierKind};
use crate::store::StoreError;

/// Why a contact was not written.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// There is no such contact.
    #[error("there is no such contact")]
    NotFound,
    /// The contact has none of the expected versions.
    #[error("the contact was changed meanwhile")]
    PreconditionFailed,
    /// An identifier belongs to another active contact.
    #[error("the identifier belongs to another contact")]
    IdentifierTaken {
        /// The identifier.
        identifier: IdentifierKind,
        /// The contact to change.
        contact_id: ContactId,
        /// The contact that has it.
        conflicting_contact_id: ContactId,
    },
    /// The contact that was matched by phone has another e-mail address, and `emailConflict` of the
    /// company is `reject`.
    #[error("the contact with this phone has another e-mail address")]
    EmailDiffers {
        /// The contact that has the phone.
        contact_id: ContactId,
    },
    /// The change would remove an identifier that the contact needs.
    #[error("an identifier is required")]
    IdentifierRequired(IdentifierKind),
    /// The merged custom fields exceed the maximum size.
    #[error("the merged custom fields are too large")]
    CustomFieldsTooLarge,
    /// The merged custom fields exceed the maximum number of keys.
    #[error("the merged custom fields have too many keys")]
    TooManyCustomFields,
    /// The call to the database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ContactError {
    fn from(error: StoreError) -> Self {
        match error {
            // Only custom fields can be large.
            StoreError::TooLarge(_) => Self::CustomFieldsTooLarge,
            StoreError::Unavailable(_) | StoreError::Defect(_) | StoreError::ActorDisabled => {
                Self::Store(error)
            }
        }
    }
}
