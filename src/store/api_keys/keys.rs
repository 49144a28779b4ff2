//! Creating and listing API keys.

use serde_json::json;
use time::OffsetDateTime;
use tokio_postgres::{Row, Transaction};

use super::lookup::read_scopes;
use crate::domain::{
    Actor, ApiKey, AuditAction, AuditSubject, ClientId, CompanyId, KeyState, NewApiKey, timestamp,
};
use crate::store::audit::{self, AuditEvent};
use crate::store::companies::LOCK_COMPANY;
use crate::store::postgres::error::TxError;
use crate::store::quota_columns;
use crate::store::used_forms::use_form;
use crate::store::{Store, StoreError};

const FIND_MANAGED_API_KEY: &str = include_str!("../../../sql/queries/find_managed_api_key.sql");
const INSERT_API_KEY: &str = include_str!("../../../sql/queries/insert_api_key.sql");
const COUNT_LIVE_API_KEYS: &str = include_str!("../../../sql/queries/count_live_api_keys.sql");
const LIST_API_KEYS: &str = include_str!("../../../sql/queries/list_api_keys.sql");

/// Why a key was not created.
#[derive(Debug, thiserror::Error)]
pub enum KeyCreationError {
    /// There is no such company.
    #[error("there is no such company")]
    NoSuchCompany,
    /// The company has the maximum number of active keys.
    #[error("the company has as many live keys as it may")]
    TooMany,
    /// The call to the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Creates a key, unless its company has `most` active keys. Rotated keys do not count.
    ///
    /// # Errors
    /// If there is no such company, or it has the maximum number of keys.
    pub async fn create_api_key(
        &self,
        actor: &Actor,
        key: &NewApiKey,
        most: u32,
        now: OffsetDateTime,
    ) -> Result<ApiKey, KeyCreationError> {
        self.transaction("create_api_key", async |transaction| {
            let company = key.company_id.get();
            if transaction
                .query_opt(LOCK_COMPANY, &[&company])
                .await?
                .is_none()
            {
                return Err(TxError::Refused(KeyCreationError::NoSuchCompany));
            }
            // The company is locked, so that no key is created concurrently.
            let counted = transaction
                .query_one(COUNT_LIVE_API_KEYS, &[&company, &now])
                .await?;
            if counted.get::<_, i64>("live_keys") >= i64::from(most) {
                return Err(TxError::Refused(KeyCreationError::TooMany));
            }
            let subject = AuditSubject::Key(&key.credential.client_id);
            use_form(transaction, actor, subject, now).await?;
            Ok(insert_api_key(transaction, actor, key, now).await?)
        })
        .await
    }

    /// The keys of a company, the oldest first. At most a thousand: active ones, then the newest others.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn list_api_keys(
        &self,
        company: CompanyId,
        now: OffsetDateTime,
    ) -> Result<Vec<ApiKey>, StoreError> {
        let rows = self
            .read("list_api_keys", LIST_API_KEYS, &[&company.get(), &now])
            .await?;
        rows.iter().map(|row| read_api_key(row, now)).collect()
    }

    /// One key of one company, or of any.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn find_managed_api_key(
        &self,
        company: Option<CompanyId>,
        client: &ClientId,
        now: OffsetDateTime,
    ) -> Result<Option<ApiKey>, StoreError> {
        let company = company.map(CompanyId::get);
        let rows = self
            .read(
                "find_managed_api_key",
                FIND_MANAGED_API_KEY,
                &[&client.as_str(), &company],
            )
            .await?;
        rows.first().map(|row| read_api_key(row, now)).transpose()
    }
}

/// Writes a new key and its audit event. Returns the key before the commit: a query after it could fail,
/// and the token would be lost.
pub(in crate::store) async fn insert_api_key(
    transaction: &Transaction<'_>,
    actor: &Actor,
    key: &NewApiKey,
    now: OffsetDateTime,
) -> Result<ApiKey, tokio_postgres::Error> {
    let credential = &key.credential;
    let (limit, window) = quota_columns::write(key.rate_limit);
    transaction
        .execute(
            INSERT_API_KEY,
            &[
                &credential.client_id.as_str(),
                &key.company_id.get(),
                &key.name,
                &credential.secret_hash.as_str(),
                &credential.token_key_fingerprint,
                &key.scopes.names(),
                &limit,
                &window,
                &now,
                &key.expires_at,
            ],
        )
        .await?;
    audit::record(
        transaction,
        AuditEvent {
            actor,
            action: AuditAction::KeyCreate,
            company: Some(key.company_id),
            subject: AuditSubject::Key(&credential.client_id),
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
    Ok(key.created(now))
}

/// Reads a key with its state at the time `now`.
pub(in crate::store) fn read_api_key(row: &Row, now: OffsetDateTime) -> Result<ApiKey, StoreError> {
    let expires_at: Option<OffsetDateTime> = row.get("expires_at");
    let revoked_at: Option<OffsetDateTime> = row.get("revoked_at");
    let replaced_by: Option<&str> = row.get("replaced_by");
    Ok(ApiKey {
        client_id: read_client_id(row.get("client_id"))?,
        company_id: CompanyId::new(row.get("company_id")),
        name: row.get("name"),
        scopes: read_scopes(row)?,
        rate_limit: quota_columns::read(row)?,
        state: KeyState::of(expires_at, revoked_at, now),
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
