//! An API key in responses.

use std::borrow::Cow;

use secrecy::ExposeSecret;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::ParameterBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::administration::CreatedKey;
use crate::domain::{ApiKey, ClientId, CompanyId, KeyState, Quota, Scope, Scopes, timestamp};
use crate::http::openapi::samples;
use crate::http::openapi::schemas::{text, with_member};
use crate::http::shared::PathVariable;

/// A key without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(in crate::http::admin) struct KeyResponse {
    /// The public part of the key, between `mn-` and the secret.
    #[schema(value_type = String)]
    client_id: ClientId,
    #[schema(value_type = String)]
    company_id: CompanyId,
    name: String,
    #[schema(value_type = Vec<Scope>)]
    scopes: Scopes,
    /// The key's own limit; `null`: the company's limit.
    #[schema(value_type = Option<String>, required)]
    rate_limit: Option<Quota>,
    state: KeyState,
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
    #[serde(serialize_with = "timestamp::serialize_optional")]
    #[schema(value_type = Option<String>, required, format = DateTime)]
    expires_at: Option<OffsetDateTime>,
    #[serde(serialize_with = "timestamp::serialize_optional")]
    #[schema(value_type = Option<String>, required, format = DateTime)]
    revoked_at: Option<OffsetDateTime>,
    /// Up to one minute late; `null` if the key was never used.
    #[serde(serialize_with = "timestamp::serialize_optional")]
    #[schema(value_type = Option<String>, required, format = DateTime)]
    last_used_at: Option<OffsetDateTime>,
    /// The key that replaced it in a rotation.
    #[schema(value_type = Option<String>, required)]
    replaced_by: Option<ClientId>,
}

impl From<ApiKey> for KeyResponse {
    fn from(key: ApiKey) -> Self {
        Self {
            client_id: key.client_id,
            company_id: key.company_id,
            name: key.name,
            scopes: key.scopes,
            rate_limit: key.rate_limit,
            state: key.state,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            last_used_at: key.last_used_at,
            replaced_by: key.replaced_by,
        }
    }
}

impl KeyResponse {
    pub(super) fn sample() -> Self {
        Self {
            client_id: samples::client_id(),
            company_id: CompanyId::new(1),
            name: "web shop".to_owned(),
            scopes: Scopes::from_iter([Scope::ContactsRead, Scope::ContactsWrite]),
            rate_limit: None,
            state: KeyState::Active,
            created_at: samples::TIMESTAMP,
            expires_at: None,
            revoked_at: None,
            last_used_at: Some(samples::TIMESTAMP),
            replaced_by: None,
        }
    }

    /// The key that [`Self::sample`] replaced.
    pub(super) fn replaced_sample() -> Self {
        Self {
            client_id: samples::other_client_id(),
            expires_at: Some(samples::TIMESTAMP),
            replaced_by: Some(samples::client_id()),
            ..Self::sample()
        }
    }
}

/// A key with its secret, which only this response contains.
#[derive(Serialize)]
pub(super) struct CreatedKeyResponse {
    key: String,
    #[serde(flatten)]
    rest: KeyResponse,
}

impl From<CreatedKey> for CreatedKeyResponse {
    fn from(created: CreatedKey) -> Self {
        Self {
            key: created.token.expose_secret().to_owned(),
            rest: created.key.into(),
        }
    }
}

impl CreatedKeyResponse {
    pub(super) fn sample() -> Self {
        let key = "mn-abcdefghij27-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg012345";
        Self {
            key: key.to_owned(),
            rest: KeyResponse {
                last_used_at: None,
                ..KeyResponse::sample()
            },
        }
    }

    /// The path of the key.
    pub(super) fn location(&self) -> String {
        format!("/admin/v1/keys/{}", self.rest.client_id)
    }
}

impl PartialSchema for CreatedKeyResponse {
    fn schema() -> RefOr<Schema> {
        let token = text("The whole key with its secret. It is not returned again.");
        with_member::<KeyResponse>("A key with its secret.", "key", token)
    }
}

impl ToSchema for CreatedKeyResponse {
    fn name() -> Cow<'static, str> {
        "CreatedApiKey".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        KeyResponse::schemas(schemas);
    }
}

impl PathVariable for ClientId {
    fn parameter() -> ParameterBuilder {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[a-z2-7]{12}$"));
        ParameterBuilder::new()
            .name("clientId")
            .description(Some(
                "The public part of the key, between `mn-` and the secret.",
            ))
            .schema(Some(schema))
    }
}
