//! Every endpoint of the public API, on one screen.

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
    description: "The people a company knows.",
};
static CUSTOM_FIELDS: Tag = Tag {
    name: "Custom fields",
    description: "What a company says of its custom fields. All of it is optional: an undefined field is stored as it is, unless the company is set to refuse it.",
};

/// In this order: a path is compared with one resource after the other, and upserts are many.
pub(super) static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    vec![
        endpoint!(CONTACTS, LIMITED, upsert::upsert),
        endpoint!(CONTACTS, PAGED, list::list),
        endpoint!(CONTACTS, LIMITED, batch::upsert_all),
        endpoint!(CONTACTS, LIMITED, read::find_by_email).taking_rest(),
        endpoint!(CONTACTS, LIMITED, read::find_by_phone).taking_rest(),
        endpoint!(CONTACTS, PAGED, consent_events::list),
        endpoint!(CONTACTS, LIMITED, erase::erase),
        endpoint!(CONTACTS, LIMITED, read::find),
        endpoint!(CONTACTS, LIMITED, change::update),
        endpoint!(CONTACTS, LIMITED, delete::delete),
        endpoint!(CONTACTS, LIMITED, suppressions::lift).reading_query(),
        endpoint!(CUSTOM_FIELDS, PAGED, read_fields::list),
        endpoint!(CUSTOM_FIELDS, LIMITED, create_field::create),
        endpoint!(CUSTOM_FIELDS, LIMITED, read_fields::find).taking_rest(),
        endpoint!(CUSTOM_FIELDS, LIMITED, update_field::update).taking_rest(),
        endpoint!(CUSTOM_FIELDS, LIMITED, delete_field::delete).taking_rest(),
    ]
});
