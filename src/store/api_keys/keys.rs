//! API keys, for administrators.

use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;
use tokio_postgres::{Row, Transaction};

use super::lookup::read_scopes;
use crate::ambient;
use crate::domain::{ClientId, CompanyId, Quota, Scopes, timestamp};
use crate::store::audit::{self, AuditEvent};
use crate::store::companies::LOCK_COMPANY;
use crate::store::quota_columns;
use crate::store::used_forms::use_form;
use crate::store::{Actor, Store, StoreError};

const FIND_MANAGED_API_KEY: &str = include_str!("../../../sql/queries/find_managed_api_key.sql");
const INSERT_API_KEY: &str = include_str!("../../../sql/queries/insert_api_key.sql");
const COUNT_LIVE_API_KEYS: &str = include_str!("../../../sql/queries/count_live_api_keys.sql");
const LIST_API_KEYS: &str = include_str!("../../../sql/queries/list_api_keys.sql");

/// A key as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// The public half of its token.
    pub client_id: ClientId,
    /// Whose key it is.
    pub company_id: CompanyId,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// Its own limit; none: its company's.
    pub rate_limit: Option<Quota>,
    /// `active`, `expired` or `revoked`.
    pub state: &'static str,
    /// When it was made.
    #[serde(serialize_with = "timestamp::serialize")]
    pub created_at: OffsetDateTime,
    /// When it ends by itself.
    #[serde(serialize_with = "timestamp::serialize_optional")]
    pub expires_at: Option<OffsetDateTime>,
    /// When it was ended.
    #[serde(serialize_with = "timestamp::serialize_optional")]
    pub revoked_at: Option<OffsetDateTime>,
    /// When it was last used, up to a minute late; none: never.
    #[serde(serialize_with = "timestamp::serialize_optional")]
    pub last_used_at: Option<OffsetDateTime>,
    /// The key that was made in its place, by a rotation.
    pub replaced_by: Option<ClientId>,
}

/// What the database keeps of a token.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The public half of the token.
    pub client_id: ClientId,
    /// The argon2id hash (PHC string) of its secret.
    pub secret_hash: String,
    /// Which secret of the deployment keyed its checksum.
    pub token_key_fingerprint: String,
}

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// How its token is recognised.
    pub credential: Credential,
    /// Whose key it is.
    pub company_id: CompanyId,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// Its own limit.
    pub rate_limit: Option<Quota>,
    /// When it ends by itself.
    pub expires_at: Option<OffsetDateTime>,
}

/// What became of a key to be made.
#[derive(Debug)]
pub enum KeyCreation {
    /// The key, as it is now.
    Created(ApiKey),
    /// There is no such company.
    NoSuchCompany,
    /// The company has as many live keys as it may.
    TooMany,
}

impl Store {
    /// Creates a key, unless its company has `most` live keys that were not replaced.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn create_api_key(
        &self,
        actor: &Actor,
        key: &NewApiKey,
        most: u32,
    ) -> Result<KeyCreation, StoreError> {
        self.transaction("create_api_key", async |transaction| {
            let company = key.company_id.get();
            if transaction
                .query_opt(LOCK_COMPANY, &[&company])
                .await?
                .is_none()
            {
                return Ok(KeyCreation::NoSuchCompany);
            }
            // Nobody else makes one meanwhile: the company is locked.
            let counted = transaction
                .query_one(COUNT_LIVE_API_KEYS, &[&company, &ambient::now()])
                .await?;
            if counted.get::<_, i64>("live_keys") >= i64::from(most) {
                return Ok(KeyCreation::TooMany);
            }
            use_form(transaction, actor, &subject(&key.credential.client_id)).await?;
            let created = insert_api_key(transaction, actor, key).await?;
            Ok(KeyCreation::Created(created))
        })
        .await
    }

    /// The keys of a company, the oldest first; of more than a thousand, those in use and then the
    /// newest.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn list_api_keys(&self, company: CompanyId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = self
            .read(
                "list_api_keys",
                LIST_API_KEYS,
                &[&company.get(), &ambient::now()],
            )
            .await?;
        rows.iter().map(read_api_key).collect()
    }

    /// One key of one company, or of any.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find_managed_api_key(
        &self,
        company: Option<CompanyId>,
        client: &ClientId,
    ) -> Result<Option<ApiKey>, StoreError> {
        let company = company.map(CompanyId::get);
        let rows = self
            .read(
                "find_managed_api_key",
                FIND_MANAGED_API_KEY,
                &[&client.as_str(), &company],
            )
            .await?;
        rows.first().map(read_api_key).transpose()
    }
}

/// A key as audit events name it.
pub(in crate::store) fn subject(client: &ClientId) -> String {
    format!("key:{client}")
}

/// Writes a new key, and its audit event. Its token is lost if anything fails after the commit: so the
/// key is known before.
pub(in crate::store) async fn insert_api_key(
    transaction: &Transaction<'_>,
    actor: &Actor,
    key: &NewApiKey,
) -> Result<ApiKey, tokio_postgres::Error> {
    let credential = &key.credential;
    let (limit, window) = quota_columns::write(key.rate_limit);
    let row = transaction
        .query_one(
            INSERT_API_KEY,
            &[
                &credential.client_id.as_str(),
                &key.company_id.get(),
                &key.name,
                &credential.secret_hash,
                &credential.token_key_fingerprint,
                &key.scopes.names(),
                &limit,
                &window,
                &ambient::now(),
                &key.expires_at,
            ],
        )
        .await?;
    audit::record(
        transaction,
        AuditEvent {
            actor,
            action: "key.create",
            company: Some(key.company_id),
            subject: subject(&credential.client_id),
            before: None,
            after: Some(json!({
                "name": key.name,
                "scopes": key.scopes,
                "rateLimit": key.rate_limit,
                "expiresAt": key.expires_at.map(timestamp::text),
            })),
        },
    )
    .await?;
    Ok(ApiKey {
        client_id: credential.client_id.clone(),
        company_id: key.company_id,
        name: key.name.clone(),
        scopes: key.scopes,
        rate_limit: key.rate_limit,
        state: state_of(key.expires_at, None),
        created_at: row.try_get("created_at")?,
        expires_at: key.expires_at,
        revoked_at: None,
        last_used_at: None,
        replaced_by: None,
    })
}

fn state_of(
    expires_at: Option<OffsetDateTime>,
    revoked_at: Option<OffsetDateTime>,
) -> &'static str {
    if revoked_at.is_some() {
        "revoked"
    } else if expires_at.is_some_and(|moment| moment <= ambient::now()) {
        "expired"
    } else {
        "active"
    }
}

pub(in crate::store) fn read_api_key(row: &Row) -> Result<ApiKey, StoreError> {
    let expires_at: Option<OffsetDateTime> = row.get("expires_at");
    let revoked_at: Option<OffsetDateTime> = row.get("revoked_at");
    let replaced_by: Option<&str> = row.get("replaced_by");
    Ok(ApiKey {
        client_id: read_client_id(row.get("client_id"))?,
        company_id: CompanyId::new(row.get("company_id")),
        name: row.get("name"),
        scopes: read_scopes(row)?,
        rate_limit: quota_columns::read(row)?,
        state: state_of(expires_at, revoked_at),
        created_at: row.get("created_at"),
        expires_at,
        revoked_at,
        last_used_at: row.get("last_used_at"),
        replaced_by: replaced_by.map(read_client_id).transpose()?,
    })
}

fn read_client_id(text: &str) -> Result<ClientId, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Defect("a stored client id is malformed".to_owned()))
}
