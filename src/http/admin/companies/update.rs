//! `PATCH /admin/v1/companies/{companyId}`

use actix_web::web::{Data, Json};

use super::company::{CompanyResponse, CompanyUpdate};
use crate::domain::CompanyId;
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{Administrative, ApiError, AppState, JsonBody, PathValue};

/// Updates a company: renames, suspends or resumes it, or changes its settings.
///
/// Only the sent fields change. Only operators can suspend a company or set its limit. The change takes
/// effect on all replicas within a second. Safe to repeat: a repeated request changes nothing.
#[utoipa::path(
    patch, path = "/admin/v1/companies/{companyId}",
    params(PathValue::<CompanyId>),
    request_body(content = CompanyUpdate, example = json!({
        "name": "Acme Inc.", "phoneConflict": "skip", "rateLimit": "1200/60s",
    })),
    responses(
        (status = 200, description = "The updated company.", body = CompanyResponse,
            example = json!(CompanyResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn update_company(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(id): PathValue<CompanyId>,
    body: JsonBody<Administrative>,
) -> Result<Json<CompanyResponse>, ApiError> {
    let change = CompanyUpdate::read(body.text())?;
    let company = state.administration.change_company(&principal, id, &change);
    Ok(Json(company.await?.into()))
}
