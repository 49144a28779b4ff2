//! Changing API keys.

use serde_json::json;
use time::OffsetDateTime;
use tokio_postgres::Transaction;

use super::keys::read_api_key;
use crate::domain::{Actor, ApiKey, ApiKeyChange, AuditAction, AuditSubject, ClientId, CompanyId};
use crate::store::audit::{self, AuditEvent};
use crate::store::quota_columns;
use crate::store::{Store, StoreError};

pub(in crate::store) const LOCK_API_KEY: &str =
    include_str!("../../../sql/queries/lock_api_key.sql");
const UPDATE_API_KEY: &str = include_str!("../../../sql/queries/update_api_key.sql");

impl Store {
    /// Changes or revokes a key. Does nothing if the change has no effect. `None` if the company has no
    /// key with this client id.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn change_api_key(
        &self,
        actor: &Actor,
        company: CompanyId,
        client: &ClientId,
        change: &ApiKeyChange,
        now: OffsetDateTime,
    ) -> Result<Option<ApiKey>, StoreError> {
        self.transaction("change_api_key", async |transaction| {
            let row = transaction
                .query_opt(LOCK_API_KEY, &[&client.as_str(), &company.get()])
                .await?;
            let Some(row) = row else { return Ok(None) };
            let before = read_api_key(&row, now)?;
            let after = before.clone().with(change, now);
            if after != before {
                write_api_key(transaction, actor, &before, &after, change.action()).await?;
            }
            Ok(Some(after))
        })
        .await
    }
}

/// Writes the changes of a key, and its audit event.
pub(in crate::store) async fn write_api_key(
    transaction: &Transaction<'_>,
    actor: &Actor,
    before: &ApiKey,
    after: &ApiKey,
    action: AuditAction,
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
            subject: AuditSubject::Key(&after.client_id),
            before: Some(json!(before)),
            after: Some(json!(after)),
        },
    )
    .await
}
