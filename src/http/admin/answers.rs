//! What answers look like, for the OpenAPI document alone.

#![expect(dead_code, reason = "these types describe, and hold nothing")]

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, SchemaType, Type};

use super::documented_bodies::{
    ConsentOnAddressChangeName, EmailConflictName, PhoneConflictName, RoleName, ScopeName,
};
use crate::http::shared::page::Page;

pub(super) type CompanyPage = Page<CompanyAnswer>;
pub(super) type AdminPage = Page<AdminAnswer>;
pub(super) type AuditEventPage = Page<AuditEvent>;

/// What keeps an administrator signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenPair {
    /// For the header `Authorization: Bearer …`.
    access_token: String,
    #[schema(pattern = "^Bearer$")]
    token_type: String,
    /// The seconds for which the access token is good.
    expires_in: u64,
    /// For `POST /admin/v1/refresh`, once.
    refresh_token: String,
    /// When the administrator has to sign in again.
    #[schema(format = DateTime)]
    session_expires_at: String,
}

/// The administrator who is signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Me {
    admin_id: String,
    email: String,
    role: RoleName,
    #[schema(required)]
    company_id: Option<String>,
}

/// A company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Company)]
pub(super) struct CompanyAnswer {
    company_id: String,
    name: String,
    /// Whether its contacts may have a phone alone.
    phone_only_contacts: bool,
    phone_conflict: PhoneConflictName,
    email_conflict: EmailConflictName,
    consent_on_address_change: ConsentOnAddressChangeName,
    /// Whether its contacts may store defined custom fields alone.
    strict_custom_fields: bool,
    /// The limit of its keys without one of their own; `null`: the configured default.
    #[schema(required)]
    rate_limit: Option<String>,
    /// Whether its keys are refused.
    suspended: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// A key, without its token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(super) struct ApiKeyAnswer {
    /// The public part of its token, between `mn-` and the secret.
    client_id: String,
    company_id: String,
    name: String,
    scopes: Vec<ScopeName>,
    /// Its own limit; `null`: its company's.
    #[schema(required)]
    rate_limit: Option<String>,
    state: ApiKeyState,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    #[schema(required, format = DateTime)]
    revoked_at: Option<String>,
    /// Up to a minute late; `null`: never.
    #[schema(required, format = DateTime)]
    last_used_at: Option<String>,
    /// The key that was made in its place, by a rotation.
    #[schema(required)]
    replaced_by: Option<String>,
}

/// Whether a key works.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ApiKeyState {
    Active,
    Expired,
    Revoked,
}

/// All keys of a company.
#[derive(Serialize, ToSchema)]
pub(super) struct ApiKeyList {
    data: Vec<ApiKeyAnswer>,
}

/// What a key was used for.
#[derive(Serialize, ToSchema)]
pub(super) struct ApiKeyUsage {
    data: Vec<HourOfApiKey>,
}

/// Requests of a key in one hour.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HourOfApiKey {
    /// When it began.
    #[schema(format = DateTime)]
    hour: String,
    /// All of them. A batch is one.
    requests: u64,
    /// Those beyond the key's limit: 429.
    refused: u64,
    /// The caller's other errors: 4xx.
    client_errors: u64,
    /// The service's errors: 5xx.
    server_errors: u64,
}

/// An administrator.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Admin)]
pub(super) struct AdminAnswer {
    admin_id: String,
    email: String,
    role: RoleName,
    /// Of the role `company_admin`: the company.
    #[schema(required)]
    company_id: Option<String>,
    state: AdminState,
    #[schema(format = DateTime)]
    created_at: String,
    /// Until when an open invitation may be accepted.
    #[schema(required, format = DateTime)]
    invitation_expires_at: Option<String>,
}

/// Whether an administrator can sign in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum AdminState {
    Active,
    Invited,
    Disabled,
}

/// Something that was done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditEvent {
    #[schema(format = DateTime)]
    occurred_at: String,
    /// `admin:<id>`, `cli:<user>@<host>`, `key:<client id>`, or `anonymous`: nobody was signed in.
    actor: String,
    /// Such as `key.revoke`.
    action: String,
    /// The company it is about; `null`: none.
    #[schema(required)]
    company_id: Option<String>,
    /// `company:<id>`, `key:<client id>`, `admin:<id>`, `admin:unknown` or `contact:<id>`.
    subject: String,
    #[schema(required, schema_with = values_before)]
    before: Option<Value>,
    #[schema(required, schema_with = values_after)]
    after: Option<Value>,
    /// Where the request came from; `null`: the command line.
    #[schema(required)]
    client_address: Option<String>,
    /// The `X-Request-Id` of the request, if it is made of letters, digits, `.`, `_` and `-`; else one
    /// that was made for it.
    #[schema(required)]
    request_id: Option<String>,
}

fn values_before() -> Object {
    values("What stood there before, by name.")
}

fn values_after() -> Object {
    values("What stands there since, by name.")
}

fn values(description: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some(description))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}
