//! API keys, for administrators.

use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;
use tokio_postgres::{Row, Transaction};

use super::audit::{self, AuditEvent};
use super::companies::LOCK_COMPANY;
use super::key_lookup::read_scopes;
use super::{Actor, Store, StoreError, quota_columns};
use crate::ambient;
use crate::domain::{ClientId, CompanyId, Label, Quota, Scopes};

const FIND_MANAGED_API_KEY: &str = include_str!("../../sql/queries/find_managed_api_key.sql");
const INSERT_API_KEY: &str = include_str!("../../sql/queries/insert_api_key.sql");
const LIST_API_KEYS: &str = include_str!("../../sql/queries/list_api_keys.sql");
pub(super) const LOCK_API_KEY: &str = include_str!("../../sql/queries/lock_api_key.sql");
const UPDATE_API_KEY: &str = include_str!("../../sql/queries/update_api_key.sql");

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
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it ends by itself.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    /// When it was ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub revoked_at: Option<OffsetDateTime>,
    /// When it was last used, up to a minute late; none: never.
    #[serde(with = "time::serde::rfc3339::option")]
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

/// What to change of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKeyChange {
    /// A new name, limit or scopes; `None` leaves them.
    Update {
        /// A new name.
        name: Option<Label>,
        /// A new limit, or `Some(None)` for the company's.
        rate_limit: Option<Option<Quota>>,
        /// New scopes in place of all old ones.
        scopes: Option<Scopes>,
    },
    /// End it. Ending it again changes nothing.
    Revoke,
}

impl Store {
    /// Creates a key; `false` if there is no such company.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn create_api_key(&self, actor: &Actor, key: &NewApiKey) -> Result<bool, StoreError> {
        self.transaction("create_api_key", async |transaction| {
            let company = key.company_id.get();
            if transaction
                .query_opt(LOCK_COMPANY, &[&company])
                .await?
                .is_none()
            {
                return Ok(false);
            }
            insert_api_key(transaction, actor, key).await?;
            Ok(true)
        })
        .await
    }

    /// All keys of a company, the oldest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn list_api_keys(&self, company: CompanyId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = self
            .read("list_api_keys", LIST_API_KEYS, &[&company.get()])
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

    /// Changes or ends a key, where that makes a difference; `None` if the company has none with this client id.
    ///
    /// # Errors
    /// If the database does not do it.
    pub async fn change_api_key(
        &self,
        actor: &Actor,
        company: CompanyId,
        client: &ClientId,
        change: &ApiKeyChange,
    ) -> Result<Option<ApiKey>, StoreError> {
        self.transaction("change_api_key", async |transaction| {
            let row = transaction
                .query_opt(LOCK_API_KEY, &[&client.as_str(), &company.get()])
                .await?;
            let Some(row) = row else { return Ok(Ok(None)) };
            let before = match read_api_key(&row) {
                Ok(key) => key,
                Err(error) => return Ok(Err(error)),
            };
            let after = before.clone().with(change);
            if after != before {
                write_api_key(transaction, actor, &before, &after, change.action()).await?;
            }
            Ok(Ok(Some(after)))
        })
        .await?
    }
}

impl ApiKeyChange {
    const fn action(&self) -> &'static str {
        match self {
            Self::Update { .. } => "key.update",
            Self::Revoke => "key.revoke",
        }
    }
}

impl ApiKey {
    fn with(mut self, change: &ApiKeyChange) -> Self {
        match change {
            ApiKeyChange::Update {
                name,
                rate_limit,
                scopes,
            } => {
                if let Some(name) = name {
                    name.as_str().clone_into(&mut self.name);
                }
                self.rate_limit = rate_limit.unwrap_or(self.rate_limit);
                self.scopes = scopes.unwrap_or(self.scopes);
            }
            ApiKeyChange::Revoke => self.revoke(ambient::now()),
        }
        self
    }

    pub(super) fn revoke(&mut self, now: OffsetDateTime) {
        self.revoked_at = self.revoked_at.or(Some(now));
        self.state = "revoked";
    }
}

/// Writes a new key, and its audit event.
pub(super) async fn insert_api_key(
    transaction: &Transaction<'_>,
    actor: &Actor,
    key: &NewApiKey,
) -> Result<(), tokio_postgres::Error> {
    let credential = &key.credential;
    let (limit, window) = quota_columns::write(key.rate_limit);
    transaction
        .execute(
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
            subject: format!("key:{}", credential.client_id),
            before: None,
            after: Some(json!({
                "name": key.name,
                "scopes": key.scopes,
                "rateLimit": key.rate_limit,
                "expiresAt": key.expires_at.map(|moment| moment.to_string()),
            })),
        },
    )
    .await
}

/// Writes what was changed of a key, and its audit event.
pub(super) async fn write_api_key(
    transaction: &Transaction<'_>,
    actor: &Actor,
    before: &ApiKey,
    after: &ApiKey,
    action: &'static str,
) -> Result<(), tokio_postgres::Error> {
    let (limit, window) = quota_columns::write(after.rate_limit);
    transaction
        .execute(
            UPDATE_API_KEY,
            &[
                &after.client_id.as_str(),
                &after.scopes.names(),
                &limit,
                &window,
                &after.expires_at,
                &after.revoked_at,
                &after.replaced_by.as_ref().map(ClientId::as_str),
                &after.name,
            ],
        )
        .await?;
    audit::record(
        transaction,
        AuditEvent {
            actor,
            action,
            company: Some(after.company_id),
            subject: format!("key:{}", after.client_id),
            before: Some(json!(before)),
            after: Some(json!(after)),
        },
    )
    .await
}

pub(super) fn read_api_key(row: &Row) -> Result<ApiKey, StoreError> {
    let expires_at: Option<OffsetDateTime> = row.get("expires_at");
    let revoked_at: Option<OffsetDateTime> = row.get("revoked_at");
    let state = if revoked_at.is_some() {
        "revoked"
    } else if expires_at.is_some_and(|moment| moment <= ambient::now()) {
        "expired"
    } else {
        "active"
    };
    let replaced_by: Option<&str> = row.get("replaced_by");
    Ok(ApiKey {
        client_id: read_client_id(row.get("client_id"))?,
        company_id: CompanyId::new(row.get("company_id")),
        name: row.get("name"),
        scopes: read_scopes(row)?,
        rate_limit: quota_columns::read(row)?,
        state,
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
