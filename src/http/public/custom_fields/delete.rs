//! `DELETE /public/v1/custom-fields/{key}`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::definition::settle;
use crate::domain::{Actor, FieldKey, Scope};
use crate::http::public::caller::{Authorized, CustomFieldsWrite};
use crate::http::shared::{ApiError, AppState, PathValue};

/// Ends a definition.
///
/// Contacts keep their values. Safe to repeat: a repeated call answers 404.
#[utoipa::path(
    delete,
    path = "/public/v1/custom-fields/{key}",
    operation_id = "deleteCustomField",
    security(("apiKey" = [Scope::CustomFieldsWrite])),
    params(PathValue::<FieldKey>),
    responses((status = 204, description = "It is ended.")),
)]
pub(in crate::http::public) async fn delete(
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
    settle(&state, company, definition).await;
    Ok(HttpResponse::NoContent().finish())
}
