//! The OpenAPI document of the admin API. `http::public::document` says how documents are made.

#![allow(dead_code, reason = "parameters describe, and hold nothing")]

use std::sync::LazyLock;

use actix_web::HttpResponse;
use utoipa::openapi::OpenApi as Tree;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Components;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi};

use super::refusals::all as admin_refusals;
use super::{account, admins, audit, companies, key_usage, keys};
use crate::http::openapi::common::{complete, describe, operations, take_merge_patches};
use crate::http::openapi::{headers, served};
use crate::http::public::answers::ErrorEnvelope;
use crate::http::shared::error::ApiError;

/// The tag of signing in.
pub(super) const ACCOUNT: &str = "Account";
/// The tag of companies.
pub(super) const COMPANIES: &str = "Companies";
/// The tag of API keys.
pub(super) const KEYS: &str = "API keys";
/// The tag of administrators.
pub(super) const ADMINS: &str = "Administrators";
/// The tag of the record.
pub(super) const AUDIT: &str = "Audit";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rubrica: administration",
        description = include_str!("introduction.md"),
    ),
    tags(
        (name = ACCOUNT, description = "Signing in, and one's own account."),
        (name = COMPANIES, description = "The tenants."),
        (name = KEYS, description = "What the software of a company calls the public API with."),
        (name = ADMINS, description = "Who may do all this."),
        (name = AUDIT, description = "The record of what was done. Nothing of it is ever changed."),
    ),
    paths(
        account::sign_in,
        account::refresh,
        account::sign_out,
        account::accept_invitation,
        account::me,
        account::change_password,
        companies::list,
        companies::create,
        companies::find,
        companies::update,
        keys::list,
        keys::create,
        keys::find,
        keys::update,
        keys::rotate,
        keys::revoke,
        key_usage::show,
        admins::list,
        admins::invite,
        admins::find,
        admins::delete,
        admins::invite_again,
        admins::disable,
        admins::enable,
        audit::list,
    ),
    components(schemas(ErrorEnvelope)),
    modifiers(&Common),
)]
struct Document;

/// Adds the security scheme, headers and common errors.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut Tree) {
        let refusals = admin_refusals();
        let components = document.components.get_or_insert_with(Components::new);
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The access token of a session."))
            .build();
        components.add_security_scheme("accessToken", SecurityScheme::Http(scheme));
        describe(
            components,
            &refusals,
            "^/admin/v1/",
            "/admin/v1/companies/1",
        );
        for path in document.paths.paths.values_mut() {
            take_merge_patches(path);
            for operation in operations(path) {
                let limited: &[&str] = if needs_a_session(operation) {
                    &headers::AUTHENTICATED
                } else {
                    &[]
                };
                complete(operation, &refusals, limited);
                // An empty list: nothing is needed. No list would say nothing.
                operation.security.get_or_insert_default();
            }
        }
    }
}

/// Whether an operation takes an access token.
pub(in crate::http) fn needs_a_session(operation: &Operation) -> bool {
    let security = operation.security.iter().flatten();
    security.count() > 0
}

static DOCUMENT: LazyLock<served::Document> = LazyLock::new(|| served::finish(Document::openapi()));

/// The OpenAPI document of the admin API.
///
/// # Errors
/// It cannot be written as JSON.
pub fn admin_document() -> served::Document {
    DOCUMENT.clone()
}

/// `GET /admin/openapi.json`
pub(super) async fn document() -> Result<HttpResponse, ApiError> {
    served::answer(admin_document())
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ByCompany {
    /// The company's id.
    #[param(rename = "companyId", pattern = "^[1-9][0-9]{0,17}$")]
    company_id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ByClient {
    /// The public part of the key, between `mn-` and the secret.
    #[param(rename = "clientId", pattern = "^[a-z2-7]{12}$")]
    client_id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ByAdmin {
    /// The administrator's id.
    #[param(rename = "adminId", pattern = "^[1-9][0-9]{0,17}$")]
    admin_id: String,
}

/// Which hours are shown.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UsageQuery {
    /// The hours that began at this moment and later.
    #[param(format = DateTime)]
    from: Option<String>,
    /// The hours that began before this moment; at most 400 days after `from`.
    #[param(format = DateTime)]
    to: Option<String>,
}

/// Which events a list shows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Those of one actor, such as `admin:1`.
    actor: Option<String>,
    /// Those of one kind, such as `company.create`.
    action: Option<String>,
    /// Those about one subject, such as `company:1`.
    subject: Option<String>,
    /// Those of one company.
    #[param(rename = "companyId", pattern = "^[1-9][0-9]{0,17}$")]
    company_id: Option<String>,
    /// Those of this moment and later.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Those before this moment.
    #[param(format = DateTime)]
    to: Option<String>,
}
