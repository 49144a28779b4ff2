//! `GET /admin/v1/admins` and `/admin/v1/admins/{adminId}`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

use super::admin::AdminResponse;
use crate::domain::AdminId;
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{ApiError, AppState, Page, PageRequest, PathValue};

type AdminPage = Page<AdminResponse>;

/// Lists administrators.
///
/// Ordered by id. A `company_admin` gets the administrators of their company.
#[utoipa::path(
    get, path = "/admin/v1/admins",
    params(PageRequest),
    responses(
        (status = 200, description = "A page of administrators.", body = AdminPage,
            example = json!(Page::sample([AdminResponse::sample()]))),
    ),
)]
pub(in crate::http::admin) async fn list_admins(
    state: Data<AppState>,
    request: HttpRequest,
    SignedIn(principal): SignedIn,
) -> Result<Json<AdminPage>, ApiError> {
    let page = PageRequest::parse(request.query_string(), |_, _| Ok(false))?;
    let after = page.cursor.unwrap_or(0);
    let admins = state
        .administration
        .list_admins(&principal, after, page.fetch())
        .await?;
    let max_bytes = state.max_page_bytes();
    Ok(Json(Page::new(admins, &page, max_bytes, |admin| {
        admin.admin_id.get()
    })?))
}

/// Gets an administrator.
///
/// The response has the role, and the state says whether they can sign in.
#[utoipa::path(
    get, path = "/admin/v1/admins/{adminId}",
    params(PathValue::<AdminId>),
    responses(
        (status = 200, description = "The administrator.", body = AdminResponse,
            example = json!(AdminResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn get_admin(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(id): PathValue<AdminId>,
) -> Result<Json<AdminResponse>, ApiError> {
    let admin = state.administration.find_admin(&principal, id).await?;
    Ok(Json(admin.into()))
}
