//! `GET /admin/v1/companies` and `/admin/v1/companies/{companyId}`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

use super::company::CompanyResponse;
use crate::domain::CompanyId;
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{ApiError, AppState, Page, PageRequest, PathValue};

type CompanyPage = Page<CompanyResponse>;

/// Lists companies.
///
/// Ordered by id. A `company_admin` gets their own company.
#[utoipa::path(
    get, path = "/admin/v1/companies",
    params(PageRequest),
    responses(
        (status = 200, description = "A page of companies.", body = CompanyPage,
            example = json!(Page::sample([CompanyResponse::sample()]))),
    ),
)]
pub(in crate::http::admin) async fn list_companies(
    state: Data<AppState>,
    request: HttpRequest,
    SignedIn(principal): SignedIn,
) -> Result<Json<CompanyPage>, ApiError> {
    let page = PageRequest::parse(request.query_string(), |_, _| Ok(false))?;
    let after = page.cursor.unwrap_or(0);
    let companies = state
        .administration
        .list_companies(&principal, after, page.fetch())
        .await?;
    let max_bytes = state.max_page_bytes();
    Ok(Json(Page::new(companies, &page, max_bytes, |company| {
        company.company_id.get()
    })?))
}

/// Gets a company.
///
/// The response has its settings and whether it is suspended.
#[utoipa::path(
    get, path = "/admin/v1/companies/{companyId}",
    params(PathValue::<CompanyId>),
    responses(
        (status = 200, description = "The company.", body = CompanyResponse,
            example = json!(CompanyResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn get_company(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(id): PathValue<CompanyId>,
) -> Result<Json<CompanyResponse>, ApiError> {
    let company = state.administration.find_company(&principal, id).await?;
    Ok(Json(company.into()))
}
