//! Handlers of companies.

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};

use super::answers::{CompanyAnswer, CompanyPage};
use super::caller::SignedIn;
use super::documented_bodies::{CompanyUpdate, NewCompany};
use super::parameters::ByCompany;
use super::tags::COMPANIES;
use super::{bodies, examples};
use crate::domain::{Company, CompanyId};
use crate::http::shared::body::{Administrative, JsonBody};
use crate::http::shared::error::ApiError;
use crate::http::shared::page::{Page, PageRequest};
use crate::http::shared::path::PathId;
use crate::http::shared::state::AppState;

/// Lists companies.
///
/// In the order of their ids. A company's administrator sees their own.
#[utoipa::path(
    get,
    path = "/admin/v1/companies",
    operation_id = "listCompanies",
    tag = COMPANIES,
    security(("accessToken" = [])),
    params(PageRequest),
    responses(
        (status = 200, description = "A page of companies.", body = CompanyPage,
            example = json!(examples::companies())),
    ),
)]
pub(super) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    SignedIn(acting): SignedIn,
) -> Result<Json<Page<Company>>, ApiError> {
    let page = PageRequest::parse(request.query_string(), |_, _| Ok(false))?;
    let after = page.cursor.unwrap_or(0);
    let companies = state
        .administration
        .list_companies(&acting, after, page.fetch())
        .await?;
    let max_bytes = state.max_page_bytes();
    Ok(Json(Page::new(companies, &page, max_bytes, |company| {
        company.company_id.get()
    })?))
}

/// Creates a company.
///
/// Only operators may. Not safe to repeat: each call creates one.
#[utoipa::path(
    post,
    path = "/admin/v1/companies",
    operation_id = "createCompany",
    tag = COMPANIES,
    security(("accessToken" = [])),
    request_body(content = NewCompany, example = json!(examples::new_company())),
    responses(
        (status = 201, description = "It is created.", body = CompanyAnswer, headers(("Location")),
            example = json!(examples::company())),
    ),
)]
pub(super) async fn create(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let name = bodies::new_company(body.text())?;
    let company = state.administration.create_company(&acting, &name).await?;
    let path = format!("/admin/v1/companies/{}", company.company_id);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, path))
        .json(company))
}

/// Reads a company.
///
/// With its settings, and whether it is suspended.
#[utoipa::path(
    get,
    path = "/admin/v1/companies/{companyId}",
    operation_id = "getCompany",
    tag = COMPANIES,
    security(("accessToken" = [])),
    params(ByCompany),
    responses(
        (status = 200, description = "The company.", body = CompanyAnswer,
            example = json!(examples::company())),
    ),
)]
pub(super) async fn find(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathId(id): PathId<CompanyId>,
) -> Result<Json<Company>, ApiError> {
    Ok(Json(state.administration.find_company(&acting, id).await?))
}

/// Changes a company: renames, suspends, resumes it, or changes its settings.
///
/// Only what is sent changes. Only operators suspend a company or set its limit. Acts on all replicas
/// within a second. Safe to repeat: a repeated change finds its values there already.
#[utoipa::path(
    patch,
    path = "/admin/v1/companies/{companyId}",
    operation_id = "updateCompany",
    tag = COMPANIES,
    security(("accessToken" = [])),
    params(ByCompany),
    request_body(content = CompanyUpdate, example = json!(examples::company_update())),
    responses(
        (status = 200, description = "The company as it is now.", body = CompanyAnswer,
            example = json!(examples::company())),
    ),
)]
pub(super) async fn update(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathId(id): PathId<CompanyId>,
    body: JsonBody<Administrative>,
) -> Result<Json<Company>, ApiError> {
    let change = bodies::company_change(body.text())?;
    let company = state.administration.change_company(&acting, id, &change);
    Ok(Json(company.await?))
}
