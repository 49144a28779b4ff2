//! `GET /admin/v1/me`

use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::administration::Acting;
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

impl From<&Acting> for MeResponse {
    fn from(acting: &Acting) -> Self {
        Self {
            admin_id: acting.admin(),
            email: acting.email().map(str::to_owned),
            role: acting.role(),
            company_id: acting.role().company(),
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
pub(in crate::http::admin) async fn get_me(SignedIn(acting): SignedIn) -> Json<MeResponse> {
    Json((&*acting).into())
}
