//! `PATCH /admin/v1/companies/{companyId}`

use actix_web::web::{Data, Json};

use super::company::{CompanyResponse, CompanyUpdate};
use crate::domain::CompanyId;
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{Administrative, ApiError, AppState, JsonBody, PathId};

/// Changes a company: renames, suspends, resumes it, or changes its settings.
///
/// Only what is sent changes. Only operators suspend a company or set its limit. Acts on all replicas
/// within a second. Safe to repeat: a repeated change finds its values there already.
#[utoipa::path(
    patch,
    path = "/admin/v1/companies/{companyId}",
    operation_id = "updateCompany",
    params(PathId::<CompanyId>),
    request_body(content = CompanyUpdate, example = json!({
        "name": "Acme Inc.", "phoneConflict": "skip", "rateLimit": "1200/60s",
    })),
    responses(
        (status = 200, description = "The company as it is now.", body = CompanyResponse,
            example = json!(CompanyResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn update(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathId(id): PathId<CompanyId>,
    body: JsonBody<Administrative>,
) -> Result<Json<CompanyResponse>, ApiError> {
    let change = CompanyUpdate::read(body.text())?;
    let company = state.administration.change_company(&principal, id, &change);
    Ok(Json(company.await?.into()))
}
