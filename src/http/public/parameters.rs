//! Parameters of paths, queries and headers, for the OpenAPI document alone.

#![expect(dead_code, reason = "these types describe, and hold nothing")]

use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::domain::Phone;

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::http) struct ById {
    /// The contact's id.
    #[param(pattern = "^[1-9][0-9]{0,17}$")]
    id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::http) struct ByEmail {
    /// The e-mail address, percent-encoded where it must be; normalised as in an upsert.
    #[param(format = IdnEmail, max_length = 254)]
    email: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::http) struct ByPhone {
    /// The phone in E.164 form.
    #[param(value_type = Phone)]
    phone: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::http) struct ByKey {
    /// The key of the definition, in any case.
    #[param(
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$",
        max_length = 128
    )]
    key: String,
}

/// How definitions are listed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct CustomFieldQuery {
    /// Lists them by category.
    #[param(inline, rename = "groupBy")]
    group_by: Option<GroupBy>,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
enum GroupBy {
    Category,
}

/// Which contacts a list shows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ContactQuery {
    /// Shows soft-deleted contacts alone, or too. Without it, live ones alone.
    #[param(inline)]
    deleted: Option<DeletedQuery>,
    /// Shows only those that opted in to e-mail, or out.
    #[param(rename = "consent.email")]
    consent_email: Option<bool>,
    /// Shows only those that opted in to `WhatsApp`, or out.
    #[param(rename = "consent.whatsapp")]
    consent_whatsapp: Option<bool>,
    /// Shows only those with these values of custom fields. Each member is a parameter of its own, with the
    /// member's name: `customFields.plan=enterprise`.
    #[param(inline, rename = "customFields", style = Form, explode)]
    custom_fields: Option<CustomFieldValues>,
}

struct CustomFieldValues;

impl PartialSchema for CustomFieldValues {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        ObjectBuilder::new()
            .property_names(Some(text().pattern(Some(r"^customFields\..+$"))))
            .additional_properties(Some(text()))
            // Without it, pages to try calls from make a filter up.
            .default(Some(json!({})))
            .into()
    }
}

impl ToSchema for CustomFieldValues {}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
enum DeletedQuery {
    Only,
    Include,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(in crate::http) struct IfMatchHeader {
    /// The `ETag` of the version that is meant, or a list of them: another version is answered with
    /// 412. `*`: any version of a live contact. No header: any version.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(in crate::http) struct IfNoneMatchHeader {
    /// The `ETag` of a version that is not meant, or a list of them: to read such a version is
    /// answered with 304, to change it with 412. `*`: any version of a live contact.
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}
