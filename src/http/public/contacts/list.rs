//! `GET /public/v1/contacts`: pages of contacts, filtered.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

use crate::ambient;
use crate::domain::{
    CompanyId, Contact, ContactFilter, CustomFieldDefinition, Deleted, FieldKey, FilterState, Scope,
};
use crate::http::public::answers::ContactPage;
use crate::http::public::caller::{Authorized, ContactsRead};
use crate::http::public::document::CONTACTS;
use crate::http::public::examples;
use crate::http::public::parameters::{ContactQuery, PageQuery};
use crate::http::shared::error::ApiError;
use crate::http::shared::field_error::FieldError;
use crate::http::shared::page::{Page, PageRequest};
use crate::http::shared::state::AppState;
use crate::retry_after::{Unavailable, Wait};
use crate::store::ValueFilter;

const CUSTOM_FIELD: &str = "customFields.";
/// Each one is a look into an index for each contact of a page.
const MAX_FILTERS: usize = 10;

/// A filter by custom field, as it was asked for.
struct AskedValue {
    parameter: String,
    key: FieldKey,
    text: String,
}

/// Lists contacts.
///
/// In the order of their ids, which never changes: a walk over all pages meets each contact once.
/// A custom field must be defined as `filterable` before contacts are listed by its value. At most ten
/// such filters, each of another field.
#[utoipa::path(
    get,
    path = "/public/v1/contacts",
    operation_id = "listContacts",
    tag = CONTACTS,
    security(("apiKey" = [Scope::ContactsRead])),
    params(PageQuery, ContactQuery),
    responses(
        (status = 200, description = "A page of contacts.", body = ContactPage,
            example = json!(examples::contacts())),
        (status = 422, description = "See the common errors."),
    ),
)]
pub(in crate::http) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsRead>,
) -> Result<Json<Page<Contact>>, ApiError> {
    let mut filter = ContactFilter::default();
    let mut asked = Vec::new();
    let page = PageRequest::parse(request.query_string(), |name, value| {
        if let Some(key) = name.strip_prefix(CUSTOM_FIELD) {
            ask(&mut asked, key, name, value)?;
            return Ok(true);
        }
        read_filter(&mut filter, name, value)
    })?;
    let after = page.cursor.unwrap_or(0);
    let company = principal.company;
    let max_bytes = state.max_page_bytes();

    let values = find_filters(&state, company, &asked).await?;
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

/// Reads a filter by custom field.
fn ask(
    asked: &mut Vec<AskedValue>,
    key: &str,
    parameter: &str,
    text: &str,
) -> Result<(), ApiError> {
    let refuse = |message: String| Err(ApiError::BadRequest(message.into()));
    let key: FieldKey = match key.parse() {
        Ok(key) => key,
        Err(error) => return refuse(format!("what follows {CUSTOM_FIELD} {error}")),
    };
    if asked.iter().any(|other| other.key == key) {
        return refuse(format!(
            "the custom field {key} is filtered by twice: a contact has one value of it"
        ));
    }
    if asked.len() == MAX_FILTERS {
        return refuse(format!(
            "there are too many filters by custom field: send at most {MAX_FILTERS}"
        ));
    }
    asked.push(AskedValue {
        parameter: parameter.to_owned(),
        key,
        text: text.to_owned(),
    });
    Ok(())
}

/// What the filters mean, by the definitions of their fields: all of them are found at once.
async fn find_filters(
    state: &AppState,
    company: CompanyId,
    asked: &[AskedValue],
) -> Result<Vec<ValueFilter>, ApiError> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&FieldKey> = asked.iter().map(|asked| &asked.key).collect();
    let definitions = state.store.find_custom_fields(company, &keys).await?;
    let filters = asked.iter().map(|asked| {
        let definition = definitions
            .iter()
            .find(|definition| definition.key == asked.key);
        value_filter(definition, asked)
    });
    filters.collect()
}

fn value_filter(
    definition: Option<&CustomFieldDefinition>,
    asked: &AskedValue,
) -> Result<ValueFilter, ApiError> {
    let refuse = |reason: &str| ApiError::Invalid(vec![FieldError::new(&asked.parameter, reason)]);
    let key = &asked.key;
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
    let value = field_type.read_filter(&asked.text);
    Ok(ValueFilter {
        definition: definition.id,
        value: value.ok_or_else(|| refuse(&field_type.expectation()))?,
    })
}

fn read_filter(filter: &mut ContactFilter, name: &str, value: &str) -> Result<bool, ApiError> {
    let flag = || match value {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(ApiError::BadRequest(
            format!("{name} must be true or false").into(),
        )),
    };
    match name {
        "deleted" => {
            filter.deleted = match value {
                "only" => Deleted::Only,
                "include" => Deleted::Include,
                _ => {
                    return Err(ApiError::BadRequest(
                        "deleted must be only or include".into(),
                    ));
                }
            }
        }
        "consent.email" => filter.consent_email = flag()?,
        "consent.whatsapp" => filter.consent_whatsapp = flag()?,
        _ => return Ok(false),
    }
    Ok(true)
}
