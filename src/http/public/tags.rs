//! The tags of the public API's operations.

/// Contacts.
pub(super) const CONTACTS: &str = "Contacts";
/// Definitions of custom fields.
pub(super) const CUSTOM_FIELDS: &str = "Custom fields";

/// All tags, described.
pub(super) const ALL: [(&str, &str); 2] = [
    (CONTACTS, "The people a company knows."),
    (
        CUSTOM_FIELDS,
        "What a company says of its custom fields. All of it is optional: an undefined field is stored as it is, unless the company is set to refuse it.",
    ),
];
