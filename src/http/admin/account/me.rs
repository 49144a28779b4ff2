//! `GET /admin/v1/me`

use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::administration::AdminPrincipal;
use crate::domain::{AdminId, CompanyId, Role, RoleName};
use crate::http::admin::caller::SignedIn;

/// The current administrator.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Me)]
pub(in crate::http::admin) struct MeResponse {
    #[schema(value_type = String)]
    admin_id: Option<AdminId>,
    #[schema(value_type = String)]
    email: Option<String>,
    #[schema(value_type = RoleName)]
    role: Role,
    #[schema(value_type = Option<String>, required)]
    company_id: Option<CompanyId>,
}

impl From<&AdminPrincipal> for MeResponse {
    fn from(principal: &AdminPrincipal) -> Self {
        Self {
            admin_id: principal.admin(),
            email: principal.email().map(str::to_owned),
            role: principal.role(),
            company_id: principal.role().company(),
        }
    }
}

impl MeResponse {
    fn sample() -> Self {
        Self {
            admin_id: Some(AdminId::new(1)),
            email: Some("ada@example.com".to_owned()),
            role: Role::Operator,
            company_id: None,
        }
    }
}

/// Gets the current administrator.
///
/// The role says whether they manage all companies or one.
#[utoipa::path(
    get, path = "/admin/v1/me",
    responses(
        (status = 200, description = "The administrator.", body = MeResponse,
            example = json!(MeResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn get_me(SignedIn(principal): SignedIn) -> Json<MeResponse> {
    Json((&*principal).into())
}
