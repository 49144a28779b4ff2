//! The id of a contact.

use super::id::define_id;

define_id!(
    /// A contact's id, unique in the whole deployment. Callers see it as a decimal string.
    ContactId
);
