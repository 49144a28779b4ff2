//! Actions on API keys.

use secrecy::SecretString;
use time::OffsetDateTime;

use super::{AdminPrincipal, Administration, AdministrationError};
use crate::auth::{Change, issue_credential};
use crate::domain::{
    ApiKey, ApiKeyChange, ApiToken, ClientId, CompanyId, Credential, GracePeriod, HourlyUsage,
    Label, NewApiKey, Quota, Scopes,
};
use crate::store::KeyCreationError;

const LIMITS: &str = "only operators set rate limits";

/// A key to create.
#[derive(Debug, Clone)]
pub struct KeyToCreate {
    /// Its name.
    pub name: Label,
    /// What it may do.
    pub scopes: Scopes,
    /// Its own rate limit. `None`: the service's default.
    pub rate_limit: Option<Quota>,
    /// When it expires.
    pub expires_at: Option<OffsetDateTime>,
}

/// A new key with its token, which cannot be read again.
pub struct CreatedKey {
    /// The whole token.
    pub token: SecretString,
    /// The key.
    pub key: ApiKey,
}

/// A key that replaces another one.
pub struct RotatedKey {
    /// The new key, with the name, scopes, rate limit and expiry of the old one.
    pub successor: CreatedKey,
    /// The old key after the rotation.
    pub replaced: ApiKey,
}

impl Administration {
    /// Creates a key for a company.
    ///
    /// # Errors
    /// If there is no such company, it has the maximum number of active keys, or a company administrator
    /// sets a rate limit.
    pub async fn create_key(
        &self,
        principal: &AdminPrincipal,
        company: CompanyId,
        key: KeyToCreate,
    ) -> Result<CreatedKey, AdministrationError> {
        let company = principal.change(company)?;
        if key.rate_limit.is_some() {
            principal.operator(LIMITS)?;
        }
        let now = principal.now();
        if key.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(AdministrationError::ExpiresInThePast);
        }
        let (token, credential) = self.issue_credential()?;
        let stored = NewApiKey {
            credential,
            company_id: company,
            name: key.name.as_str().to_owned(),
            scopes: key.scopes,
            rate_limit: key.rate_limit,
            expires_at: key.expires_at,
        };
        let most = self.keys_per_company;
        let created = self
            .store
            .create_api_key(principal.actor(), &stored, most, now);
        let key = created.await.map_err(|error| match error {
            KeyCreationError::NoSuchCompany => AdministrationError::NoSuchCompany,
            KeyCreationError::TooMany => AdministrationError::TooManyKeys(most),
            KeyCreationError::Store(error) => error.into(),
        })?;
        Ok(CreatedKey {
            key,
            token: token.whole().clone(),
        })
    }

    /// The keys of a company. At most a thousand: active ones, then the newest others.
    ///
    /// # Errors
    /// If there is no such company.
    pub async fn list_keys(
        &self,
        principal: &AdminPrincipal,
        company: CompanyId,
    ) -> Result<Vec<ApiKey>, AdministrationError> {
        let company = self.find_company(principal, company).await?.company_id;
        Ok(self.store.list_api_keys(company, principal.now()).await?)
    }

    /// One key.
    ///
    /// # Errors
    /// If there is none.
    pub async fn find_key(
        &self,
        principal: &AdminPrincipal,
        client: &ClientId,
    ) -> Result<ApiKey, AdministrationError> {
        let found = self
            .store
            .find_managed_api_key(principal.reach(), client, principal.now());
        found.await?.ok_or(AdministrationError::NoSuchKey)
    }

    /// Changes or revokes a key, and notifies the replicas, even if nothing changed: a replica may have
    /// missed the previous notification.
    ///
    /// # Errors
    /// If there is none, or a company administrator sets a rate limit.
    pub async fn change_key(
        &self,
        principal: &AdminPrincipal,
        client: &ClientId,
        change: &ApiKeyChange,
    ) -> Result<ApiKey, AdministrationError> {
        let sets_limit = matches!(
            change,
            ApiKeyChange::Update {
                rate_limit: Some(_),
                ..
            }
        );
        // This comes first: a key out of reach is always reported as unknown.
        let before = self.find_key(principal, client).await?;
        principal.may_change()?;
        if sets_limit {
            principal.operator(LIMITS)?;
        }
        let changed = self
            .store
            .change_api_key(
                principal.actor(),
                before.company_id,
                client,
                change,
                principal.now(),
            )
            .await?
            .ok_or(AdministrationError::NoSuchKey)?;
        self.invalidations
            .publish(Change::Key(client.clone()))
            .await;
        Ok(changed)
    }

    /// Creates a key that replaces another one, and notifies the replicas. The old key works for `grace`
    /// longer, but not beyond its own expiry. Without a grace period it is revoked.
    ///
    /// # Errors
    /// If there is none, it is not active, or it was rotated before.
    pub async fn rotate_key(
        &self,
        principal: &AdminPrincipal,
        client: &ClientId,
        grace: GracePeriod,
    ) -> Result<RotatedKey, AdministrationError> {
        let company = self.find_key(principal, client).await?.company_id;
        principal.may_change()?;
        let (token, credential) = self.issue_credential()?;
        let rotation = self
            .store
            .rotate_api_key(
                principal.actor(),
                company,
                client,
                grace,
                &credential,
                principal.now(),
            )
            .await?;
        self.invalidations
            .publish(Change::Key(client.clone()))
            .await;
        Ok(RotatedKey {
            successor: CreatedKey {
                token: token.whole().clone(),
                key: rotation.successor,
            },
            replaced: rotation.replaced,
        })
    }

    /// The usage of a key in the hours that began in `from..to`, the oldest first, without hours that had
    /// no request. Up to `usage.flush_interval` late.
    ///
    /// # Errors
    /// If there is none.
    pub async fn key_usage(
        &self,
        principal: &AdminPrincipal,
        client: &ClientId,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Vec<HourlyUsage>, AdministrationError> {
        let company = self.find_key(principal, client).await?.company_id;
        let usage = self.store.usage(company, client, from, to).await?;
        usage.ok_or(AdministrationError::NoSuchKey)
    }

    fn issue_credential(&self) -> Result<(ApiToken, Credential), AdministrationError> {
        let token_keys = self.token_keys.as_ref().ok_or_else(|| {
            AdministrationError::Defect("this command does not know auth.token_key".to_owned())
        })?;
        issue_credential(token_keys).map_err(|error| AdministrationError::Defect(error.to_string()))
    }
}
