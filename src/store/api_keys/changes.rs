//! Changes of API keys.

use serde_json::json;
use time::OffsetDateTime;
use tokio_postgres::Transaction;

use super::keys::read_api_key;
use crate::ambient;
use crate::domain::{ClientId, CompanyId, Label, Quota, Scopes};
use crate::store::audit::{self, AuditEvent};
use crate::store::quota_columns;
use crate::store::{Actor, ApiKey, Store, StoreError};

pub(in crate::store) const LOCK_API_KEY: &str =
    include_str!("../../../sql/queries/lock_api_key.sql");
const UPDATE_API_KEY: &str = include_str!("../../../sql/queries/update_api_key.sql");

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

    pub(in crate::store) fn revoke(&mut self, now: OffsetDateTime) {
        self.revoked_at = self.revoked_at.or(Some(now));
        self.state = "revoked";
    }
}

/// Writes what was changed of a key, and its audit event.
pub(in crate::store) async fn write_api_key(
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
