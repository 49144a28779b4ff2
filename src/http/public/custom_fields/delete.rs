//! `DELETE /public/v1/custom-fields/{key}`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::definition::publish_change;
use crate::domain::{Actor, FieldKey, Scope};
use crate::http::public::caller::{Authorized, CustomFieldsWrite};
use crate::http::shared::{ApiError, AppState, PathValue};

/// Deletes the definition of a custom field.
///
/// Contacts keep their values. Safe to repeat: a repeated request gets a 404.
#[utoipa::path(
    delete, path = "/public/v1/custom-fields/{key}",
    security(("apiKey" = [Scope::CustomFieldsWrite])),
    params(PathValue::<FieldKey>),
    responses((status = 204, description = "Definition deleted.")),
)]
pub(in crate::http::public) async fn delete_custom_field(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<CustomFieldsWrite>,
    PathValue(key): PathValue<FieldKey>,
) -> Result<HttpResponse, ApiError> {
    let company = principal.company;
    let actor = Actor::key(&principal.client, state.origin_of(&request));
    let definition = state
        .store
        .delete_custom_field(company, &actor, &key)
        .await?;
    publish_change(&state, company, definition).await;
    Ok(HttpResponse::NoContent().finish())
}
