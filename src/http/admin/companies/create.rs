//! `POST /admin/v1/companies`

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use utoipa::ToSchema;

use super::company::CompanyResponse;
use crate::domain::Label;
use crate::http::admin::caller::SignedIn;
use crate::http::admin::schemas::name;
use crate::http::shared::{Administrative, ApiError, AppState, JsonBody, Reader, parsed_label};

/// A company to create.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCompany {
    #[schema(schema_with = name)]
    name: Label,
}

impl NewCompany {
    fn read(text: &str) -> Result<Self, ApiError> {
        let mut reader = Reader::new(text)?;
        let name = reader.required("name", parsed_label);
        reader.finish_with(name.map(|name| Self { name }))
    }
}

/// Creates a company.
///
/// Only for operators. Not safe to repeat: each request creates a company.
#[utoipa::path(
    post, path = "/admin/v1/companies",
    request_body(content = NewCompany, example = json!({"name": "Acme"})),
    responses(
        (status = 201, description = "The new company.", body = CompanyResponse,
            headers(("Location")), example = json!(CompanyResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn create_company(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let NewCompany { name } = NewCompany::read(body.text())?;
    let company = state
        .administration
        .create_company(&principal, &name)
        .await?;
    let path = format!("/admin/v1/companies/{}", company.company_id);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, path))
        .json(CompanyResponse::from(company)))
}
