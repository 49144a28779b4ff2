//! `GET /public/v1/custom-fields/{key}`

use actix_web::web::{Data, Json};

use super::definition::CustomFieldResponse;
use crate::domain::{FieldKey, Scope};
use crate::http::public::caller::{Authorized, CustomFieldsRead};
use crate::http::public::tags::CUSTOM_FIELDS;
use crate::http::shared::error::ApiError;
use crate::http::shared::path::PathValue;
use crate::http::shared::state::AppState;

/// Reads a definition.
#[utoipa::path(
    get,
    path = "/public/v1/custom-fields/{key}",
    operation_id = "getCustomField",
    tag = CUSTOM_FIELDS,
    security(("apiKey" = [Scope::CustomFieldsRead])),
    params(PathValue::<FieldKey>),
    responses(
        (status = 200, description = "The definition.", body = CustomFieldResponse,
            example = json!(CustomFieldResponse::sample())),
    ),
)]
pub(in crate::http::public) async fn find(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<CustomFieldsRead>,
    PathValue(key): PathValue<FieldKey>,
) -> Result<Json<CustomFieldResponse>, ApiError> {
    let definition = state.store.find_custom_field(principal.company, &key);
    let definition = definition.await?.ok_or(ApiError::NoSuchCustomField)?;
    Ok(Json(definition.into()))
}
