//! Parameters of paths and queries.

#![allow(dead_code, reason = "parameters describe, and hold nothing")]

use utoipa::IntoParams;

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
