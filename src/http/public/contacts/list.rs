//! `GET /public/v1/contacts`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::contact::ContactResponse;
use crate::ambient;
use crate::domain::{
    CompanyId, ContactFilter, CustomFieldDefinition, Deleted, FieldKey, FilterState, Scope,
};
use crate::http::public::caller::{Authorized, ContactsRead};
use crate::http::shared::{ApiError, AppState, FieldError, Page, PageRequest};
use crate::retry_after::{Unavailable, Wait};
use crate::store::ValueFilter;

const CUSTOM_FIELD: &str = "customFields.";
/// The most filters by custom field. Each one costs an index lookup per contact of a page.
const MAX_FILTERS: usize = 10;

type ContactPage = Page<ContactResponse>;

/// The filters of a list of contacts.
#[derive(Default, IntoParams)]
#[into_params(parameter_in = Query)]
struct ContactQuery {
    /// `only`: deleted contacts; `include`: active and deleted contacts. Default: active contacts.
    #[param(inline)]
    deleted: Option<DeletedQuery>,
    /// `true`: contacts that opted in to e-mail; `false`: contacts that opted out.
    #[param(rename = "consent.email")]
    consent_email: Option<bool>,
    /// `true`: contacts that opted in to `WhatsApp`; `false`: contacts that opted out.
    #[param(rename = "consent.whatsapp")]
    consent_whatsapp: Option<bool>,
    /// Contacts with these values of custom fields. Each member is a separate query parameter, such as
    /// `customFields.plan=enterprise`.
    #[param(inline, required = false, rename = "customFields", style = Form, explode)]
    custom_fields: CustomFieldFilters,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
enum DeletedQuery {
    Only,
    Include,
}

impl From<Option<DeletedQuery>> for Deleted {
    fn from(sent: Option<DeletedQuery>) -> Self {
        match sent {
            None => Self::Exclude,
            Some(DeletedQuery::Only) => Self::Only,
            Some(DeletedQuery::Include) => Self::Include,
        }
    }
}

#[derive(Default)]
struct CustomFieldFilters(Vec<CustomFieldFilter>);

/// A filter by custom field, as it was sent.
struct CustomFieldFilter {
    parameter: String,
    key: FieldKey,
    text: String,
}

impl ContactQuery {
    /// Reads a parameter and returns whether it is known.
    fn read(&mut self, name: &str, value: &str) -> Result<bool, ApiError> {
        let refuse = |reason: &str| ApiError::BadRequest(format!("{name} {reason}").into());
        let flag = || match value {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(refuse("must be true or false")),
        };
        match name {
            "deleted" => {
                self.deleted = Some(match value {
                    "only" => DeletedQuery::Only,
                    "include" => DeletedQuery::Include,
                    _ => return Err(refuse("must be only or include")),
                });
            }
            "consent.email" => self.consent_email = flag()?,
            "consent.whatsapp" => self.consent_whatsapp = flag()?,
            _ => match name.strip_prefix(CUSTOM_FIELD) {
                Some(key) => self.add_filter(key, name, value)?,
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    /// Reads a filter by custom field.
    fn add_filter(&mut self, key: &str, parameter: &str, text: &str) -> Result<(), ApiError> {
        let refuse = |message: String| Err(ApiError::BadRequest(message.into()));
        let key: FieldKey = match key.parse() {
            Ok(key) => key,
            Err(error) => return refuse(format!("what follows {CUSTOM_FIELD} {error}")),
        };
        if self.custom_fields.0.iter().any(|other| other.key == key) {
            return refuse(format!(
                "the custom field {key} is filtered by twice: a contact has one value of it"
            ));
        }
        if self.custom_fields.0.len() == MAX_FILTERS {
            return refuse(format!(
                "there are too many filters by custom field: send at most {MAX_FILTERS}"
            ));
        }
        self.custom_fields.0.push(CustomFieldFilter {
            parameter: parameter.to_owned(),
            key,
            text: text.to_owned(),
        });
        Ok(())
    }
}

impl PartialSchema for CustomFieldFilters {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        ObjectBuilder::new()
            .property_names(Some(text().pattern(Some(r"^customFields\..+$"))))
            .additional_properties(Some(text()))
            // Without a default, Swagger UI invents a filter.
            .default(Some(json!({})))
            .into()
    }
}

impl ToSchema for CustomFieldFilters {}

/// Lists contacts.
///
/// Ordered by id, which never changes: reading all pages returns each contact once. To filter by a custom
/// field, define it as `filterable` first. A request may have at most 10 such filters, one per field.
#[utoipa::path(
    get, path = "/public/v1/contacts",
    security(("apiKey" = [Scope::ContactsRead])),
    params(PageRequest, ContactQuery),
    responses(
        (status = 200, description = "A page of contacts.", body = ContactPage,
            example = json!(Page::sample([ContactResponse::sample()]))),
        (status = 422, description = "See the common errors."),
    ),
)]
pub(in crate::http::public) async fn list_contacts(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsRead>,
) -> Result<Json<ContactPage>, ApiError> {
    let mut query = ContactQuery::default();
    let page = PageRequest::parse(request.query_string(), |name, value| {
        query.read(name, value)
    })?;
    let after = page.cursor.unwrap_or(0);
    let company = principal.company;
    let max_bytes = state.max_page_bytes();
    let filter = ContactFilter {
        deleted: query.deleted.into(),
        consent_email: query.consent_email,
        consent_whatsapp: query.consent_whatsapp,
    };
    let values = find_filters(&state, company, &query.custom_fields.0).await?;
    let contacts = match values.split_first() {
        None => {
            let list = state
                .store
                .list_contacts(company, filter, after, page.fetch(), max_bytes);
            list.await?
        }
        Some(values) => {
            let store = &state.store;
            store
                .list_contacts_by_custom_field(
                    company,
                    filter,
                    values,
                    after,
                    page.fetch(),
                    max_bytes,
                )
                .await?
        }
    };
    Ok(Json(Page::new(contacts, &page, max_bytes, |contact| {
        contact.contact_id.get()
    })?))
}

/// Reads the filters according to the definitions of their fields, which one query finds.
async fn find_filters(
    state: &AppState,
    company: CompanyId,
    sent: &[CustomFieldFilter],
) -> Result<Vec<ValueFilter>, ApiError> {
    if sent.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&FieldKey> = sent.iter().map(|filter| &filter.key).collect();
    let definitions = state.store.find_custom_fields(company, &keys).await?;
    let filters = sent.iter().map(|filter| {
        let definition = definitions
            .iter()
            .find(|definition| definition.key == filter.key);
        value_filter(definition, filter)
    });
    filters.collect()
}

fn value_filter(
    definition: Option<&CustomFieldDefinition>,
    sent: &CustomFieldFilter,
) -> Result<ValueFilter, ApiError> {
    let refuse = |reason: &str| ApiError::Invalid(vec![FieldError::new(&sent.parameter, reason)]);
    let key = &sent.key;
    let Some(definition) = definition else {
        return Err(refuse(
            "is no filter: define the field with POST /public/v1/custom-fields and \"filterable\": true",
        ));
    };
    match definition.filter {
        FilterState::Ready => {}
        FilterState::Building => {
            let lasted = ambient::now() - definition.updated_at;
            let wait = Wait::Outage(lasted.try_into().unwrap_or_default());
            return Err(Unavailable::new("a filter is being built", wait).into());
        }
        FilterState::None | FilterState::Dropping => {
            let how = "is no filter: send {\"filterable\": true} to PATCH /public/v1/custom-fields";
            return Err(refuse(&format!("{how}/{key}")));
        }
    }
    let field_type = &definition.specification.field_type;
    let value = field_type.read_filter(&sent.text);
    Ok(ValueFilter {
        definition: definition.id,
        value: value.ok_or_else(|| refuse(&field_type.expectation()))?,
    })
}
