//! Looking up API keys for authentication.

use std::sync::Arc;

use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::domain::{
    ClientId, CompanyId, CompanySettings, CustomFieldRules, KeyAndCompany, Quota, Scope, Scopes,
    SecretHash,
};
use crate::store::companies::read_choice;
use crate::store::custom_fields::definitions::read_rules;
use crate::store::quota_columns;
use crate::store::{Store, StoreError};

const FIND_API_KEY: &str = include_str!("../../../sql/queries/find_api_key.sql");
const COUNT_KEYS_BY_TOKEN_KEY: &str =
    include_str!("../../../sql/queries/count_keys_by_token_key.sql");

/// A key and its company, as authentication needs them.
#[derive(Debug, Clone)]
pub struct ApiKeyRecord {
    /// The company of the key.
    pub company: CompanyId,
    /// The settings of the company.
    pub settings: CompanySettings,
    /// The rules for custom fields of its contacts.
    pub custom_field_rules: Arc<CustomFieldRules>,
    /// Whether the company is suspended.
    pub is_suspended: bool,
    /// The hash of the key's secret.
    pub secret_hash: SecretHash,
    /// What the key may do.
    pub scopes: Scopes,
    /// The rate limits of the key and of its company. `None`: the configured default.
    pub quotas: KeyAndCompany<Option<Quota>>,
    /// When the key expires.
    pub expires_at: Option<OffsetDateTime>,
    /// Whether the key was revoked.
    pub is_revoked: bool,
}

impl Store {
    /// Finds a key for authentication.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn find_api_key(
        &self,
        client: &ClientId,
    ) -> Result<Option<ApiKeyRecord>, StoreError> {
        let rows = self
            .read("find_api_key", FIND_API_KEY, &[&client.as_str()])
            .await?;
        rows.first()
            .map(|row| {
                Ok(ApiKeyRecord {
                    company: CompanyId::new(row.get("company_id")),
                    settings: CompanySettings {
                        phone_only_contacts: row.get("phone_only_contacts"),
                        phone_conflict: read_choice(row, "phone_conflict")?,
                        email_conflict: read_choice(row, "email_conflict")?,
                        consent_on_address_change: read_choice(row, "consent_on_address_change")?,
                    },
                    custom_field_rules: Arc::new(read_rules(row)?),
                    is_suspended: row.get("is_suspended"),
                    secret_hash: SecretHash::new(row.get("secret_hash")),
                    scopes: read_scopes(row)?,
                    quotas: KeyAndCompany {
                        key: quota_columns::read(row)?,
                        company: quota_columns::read_company(row)?,
                    },
                    expires_at: row.get("expires_at"),
                    is_revoked: row.get("is_revoked"),
                })
            })
            .transpose()
    }

    /// Counts the active keys under each token key of the deployment, by fingerprint.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn count_keys_by_token_key(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = self
            .read("count_keys_by_token_key", COUNT_KEYS_BY_TOKEN_KEY, &[])
            .await?;
        Ok(rows
            .iter()
            .map(|row| (row.get("token_key_fingerprint"), row.get("live_keys")))
            .collect())
    }
}

/// Reads the column `scopes`. Ignores scopes of a newer release.
pub(in crate::store) fn read_scopes(row: &Row) -> Result<Scopes, StoreError> {
    let names: Vec<&str> = row
        .try_get("scopes")
        .map_err(|_| StoreError::Defect("stored scopes are malformed".to_owned()))?;
    Ok(names
        .into_iter()
        .filter_map(|name| name.parse::<Scope>().ok())
        .collect())
}
