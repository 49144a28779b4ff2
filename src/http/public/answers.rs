//! What answers look like that are put together by hand, for the OpenAPI document alone.

#![expect(dead_code, reason = "these types describe, and hold nothing")]

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{ConsentEvent, Contact, FieldTypeName, Upserted};
use crate::http::shared::error_response::ErrorResponse;
use crate::http::shared::page::Page;

/// A page of contacts.
pub(in crate::http) type ContactPage = Page<Contact>;
/// A page of consent events.
pub(in crate::http) type ConsentEventPage = Page<ConsentEvent>;

/// What came of one contact of a batch.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http) enum BatchResult {
    /// It was written, or stood there already.
    Upserted(Upserted),
    /// It was not written.
    Error(Box<ErrorResponse>),
}

/// A definition.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct CustomField {
    /// In upper case.
    key: String,
    /// Its name for people.
    display_name: String,
    #[serde(rename = "type")]
    field_type: FieldTypeName,
    /// Of the type `select` alone.
    #[schema(nullable = false)]
    options: Option<Vec<String>>,
    /// What it is listed under.
    #[schema(required)]
    category: Option<String>,
    /// Whether contacts can be filtered by it.
    filterable: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// All definitions, in the order of their keys or by category.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http) enum CustomFieldList {
    /// In the order of their keys.
    Flat { data: Vec<CustomField> },
    /// By category.
    Grouped {
        #[schema(min_items = 1)]
        data: Vec<CustomFieldCategory>,
    },
}

/// The definitions of one category.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct CustomFieldCategory {
    /// `null`: those without one.
    #[schema(required)]
    category: Option<String>,
    custom_fields: Vec<CustomField>,
}
