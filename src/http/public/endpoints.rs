//! All endpoints of the public API.

use std::sync::LazyLock;

use super::admission::{LIMITED, PAGED};
use super::contacts::{batch, change, consent_events, delete, erase, list, read, upsert};
use super::custom_fields::{
    create as create_field, delete as delete_field, read as read_fields, update as update_field,
};
use super::suppressions;
use crate::http::openapi::endpoint::{Endpoint, Tag, endpoint};

static CONTACTS: Tag = Tag {
    name: "Contacts",
    description: "The contacts of a company.",
};
static CUSTOM_FIELDS: Tag = Tag {
    name: "Custom fields",
    description: "Optional definitions of custom fields. Undefined fields are stored as sent, unless the company rejects them.",
};

/// actix compares a path with them in this order. Upserts are the most frequent requests.
pub(super) static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    vec![
        endpoint!(CONTACTS, LIMITED, upsert::upsert_contact),
        endpoint!(CONTACTS, PAGED, list::list_contacts),
        endpoint!(CONTACTS, LIMITED, batch::upsert_contacts),
        endpoint!(CONTACTS, LIMITED, read::get_contact_by_email).taking_rest(),
        endpoint!(CONTACTS, LIMITED, read::get_contact_by_phone).taking_rest(),
        endpoint!(CONTACTS, PAGED, consent_events::list_consent_events),
        endpoint!(CONTACTS, LIMITED, erase::erase_contact),
        endpoint!(CONTACTS, LIMITED, read::get_contact),
        endpoint!(CONTACTS, LIMITED, change::update_contact),
        endpoint!(CONTACTS, LIMITED, delete::delete_contact),
        endpoint!(CONTACTS, LIMITED, suppressions::lift_suppressions).reading_query(),
        endpoint!(CUSTOM_FIELDS, PAGED, read_fields::list_custom_fields),
        endpoint!(CUSTOM_FIELDS, LIMITED, create_field::create_custom_field),
        endpoint!(CUSTOM_FIELDS, LIMITED, read_fields::get_custom_field).taking_rest(),
        endpoint!(CUSTOM_FIELDS, LIMITED, update_field::update_custom_field).taking_rest(),
        endpoint!(CUSTOM_FIELDS, LIMITED, delete_field::delete_custom_field).taking_rest(),
    ]
});
