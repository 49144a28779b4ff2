//! Companies and keys, created and changed as the command line does it.

use rubrica::ambient;
use rubrica::auth::{Change, issue_credential, publish};
use rubrica::domain::{
    ApiKeyChange, ClientId, CompanyChange, CompanyId, NewApiKey, Quota, Rotation, Scope, Scopes,
};
use rubrica::store::RotationError;
use secrecy::ExposeSecret;

use super::app::TestApp;

/// A company with one API key.
#[derive(Debug, Clone)]
pub struct Tenant {
    pub company: CompanyId,
    pub client: ClientId,
    pub key: String,
}

impl TestApp {
    /// A company with a key that has the default scopes.
    pub async fn tenant(&self) -> Tenant {
        let company = self
            .store
            .create_company(
                &self.actor,
                &"Acme".parse().expect("a name"),
                ambient::now(),
            )
            .await
            .expect("a company");
        self.key(company.company_id, |_| {}).await
    }

    /// Another key of a company, changed before it is stored.
    pub async fn key(&self, company: CompanyId, change: impl FnOnce(&mut NewApiKey)) -> Tenant {
        let token_keys = self.settings.auth.token_keys();
        let (token, credential) = issue_credential(&token_keys).expect("a credential");
        let mut key = NewApiKey {
            credential,
            company_id: company,
            name: "a key".to_owned(),
            scopes: Scopes::default_of_a_key(),
            rate_limit: None,
            expires_at: None,
        };
        change(&mut key);
        let created = self
            .store
            .create_api_key(&self.actor, &key, u32::MAX, ambient::now())
            .await;
        created.expect("a key");
        let whole = token.whole().expose_secret().to_owned();
        Tenant {
            company,
            client: key.credential.client_id,
            key: whole,
        }
    }

    /// A company with a key that has only these scopes.
    pub async fn tenant_with_scopes(&self, scopes: &[Scope]) -> Tenant {
        let tenant = self.tenant().await;
        let scopes = scopes.iter().copied().collect();
        self.key(tenant.company, |key| key.scopes = scopes).await
    }

    /// A company with a key that has this limit.
    pub async fn tenant_with_limit(&self, limit: &str) -> Tenant {
        let tenant = self.tenant().await;
        let quota: Quota = limit.parse().expect("a limit");
        self.key(tenant.company, |key| key.rate_limit = Some(quota))
            .await
    }

    /// Changes a company and announces it to the replicas.
    pub async fn change_company(&self, company: CompanyId, change: CompanyChange) {
        let changed = self
            .store
            .update_company(&self.actor, company, &change, ambient::now())
            .await;
        changed.expect("it is changed").expect("it exists");
        self.publish(Change::Company(company)).await;
    }

    /// Changes a key and announces it to the replicas.
    pub async fn change_key(&self, client: &ClientId, change: ApiKeyChange) {
        let key = self
            .store
            .find_managed_api_key(None, client, ambient::now())
            .await;
        let company = key.expect("an answer").expect("it exists").company_id;
        let changed = self
            .store
            .change_api_key(&self.actor, company, client, &change, ambient::now())
            .await;
        changed.expect("it is changed").expect("it exists");
        self.publish(Change::Key(client.clone())).await;
    }

    /// Rotates a key and announces it to the replicas. Returns the new key and the result.
    pub async fn rotate_key(
        &self,
        tenant: &Tenant,
        grace: &str,
    ) -> Result<(Tenant, Rotation), RotationError> {
        let token_keys = self.settings.auth.token_keys();
        let (token, credential) = issue_credential(&token_keys).expect("a credential");
        let grace = grace.parse().expect("a grace period");
        let (company, client) = (tenant.company, &tenant.client);
        let rotation = self
            .store
            .rotate_api_key(
                &self.actor,
                company,
                client,
                grace,
                &credential,
                ambient::now(),
            )
            .await?;
        self.publish(Change::Key(client.clone())).await;
        let successor = Tenant {
            company,
            client: credential.client_id,
            key: token.whole().expose_secret().to_owned(),
        };
        Ok((successor, rotation))
    }

    async fn publish(&self, change: Change) {
        if let Some(url) = &self.settings.redis.url {
            let client = redis::Client::open(url.connection_info().clone()).expect("a client");
            // Redis may be down: that is what some tests are about.
            let _ = publish(&client, &self.settings.redis.prefix, &change).await;
        }
    }
}
