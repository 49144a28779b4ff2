//! An administrator in responses.

use std::borrow::Cow;

use secrecy::ExposeSecret;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use crate::administration::Invited;
use crate::domain::{Admin, AdminId, AdminState, CompanyId, Role, RoleName, timestamp};
use crate::http::openapi::samples;
use crate::http::openapi::schemas::{text, with_member};

/// An administrator.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Admin)]
pub(in crate::http::admin) struct AdminResponse {
    #[schema(value_type = String)]
    admin_id: AdminId,
    email: String,
    #[schema(value_type = RoleName)]
    role: Role,
    /// The company of a `company_admin`; `null` for an operator.
    #[schema(value_type = Option<String>, required)]
    company_id: Option<CompanyId>,
    state: AdminState,
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
    /// When the pending invitation expires; `null` without one.
    #[serde(serialize_with = "timestamp::serialize_optional")]
    #[schema(value_type = Option<String>, required, format = DateTime)]
    invitation_expires_at: Option<OffsetDateTime>,
}

impl From<Admin> for AdminResponse {
    fn from(admin: Admin) -> Self {
        Self {
            admin_id: admin.admin_id,
            email: admin.email,
            role: admin.role,
            company_id: admin.company_id,
            state: admin.state,
            created_at: admin.created_at,
            invitation_expires_at: admin.invitation_expires_at,
        }
    }
}

impl AdminResponse {
    pub(super) fn sample() -> Self {
        Self {
            admin_id: AdminId::new(2),
            email: "grace@example.com".to_owned(),
            role: Role::CompanyAdmin(CompanyId::new(1)),
            company_id: Some(CompanyId::new(1)),
            state: AdminState::Invited,
            created_at: samples::TIMESTAMP,
            invitation_expires_at: Some(samples::TIMESTAMP),
        }
    }
}

/// An administrator with an invitation token, which only this response contains.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::http::admin) struct InvitedResponse {
    invitation_token: String,
    #[serde(flatten)]
    admin: AdminResponse,
}

impl From<Invited> for InvitedResponse {
    fn from(invited: Invited) -> Self {
        Self {
            invitation_token: invited.token.text().expose_secret().to_owned(),
            admin: invited.admin.into(),
        }
    }
}

impl InvitedResponse {
    pub(super) fn sample() -> Self {
        Self {
            invitation_token: samples::INVITATION_TOKEN.to_owned(),
            admin: AdminResponse::sample(),
        }
    }

    /// The path of the administrator.
    pub(super) fn location(&self) -> String {
        format!("/admin/v1/admins/{}", self.admin.admin_id)
    }
}

impl PartialSchema for InvitedResponse {
    fn schema() -> RefOr<Schema> {
        let token = text("Sets the password once. It is not returned again.");
        let description = "An administrator with an invitation token.";
        with_member::<AdminResponse>(description, "invitationToken", token)
    }
}

impl ToSchema for InvitedResponse {
    fn name() -> Cow<'static, str> {
        "InvitedAdmin".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        AdminResponse::schemas(schemas);
    }
}
