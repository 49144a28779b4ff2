//! What administrative commands work with.

use std::sync::Arc;

use anyhow::{Context as _, ensure};

use crate::auth::{self, Change};
use crate::config::Settings;
use crate::domain::{ClientId, CompanyId};
use crate::store::{Actor, SchemaFitness, Store};

/// The database, word to the replicas, and who is asking.
pub(super) struct AdminContext {
    pub(super) settings: Settings,
    pub(super) store: Store,
    pub(super) actor: Actor,
}

impl AdminContext {
    /// Connects, and checks that the schema is there.
    pub(super) async fn new(settings: Settings) -> anyhow::Result<Self> {
        let store = Store::new(
            &settings.database,
            &settings.groups,
            &settings.privacy,
            Arc::default(),
        )?;
        let fitness = store.schema_fitness().await?;
        ensure!(fitness == SchemaFitness::Fit, "{fitness}");
        let user = whoami::username().unwrap_or_else(|_| "unknown".to_owned());
        let host = whoami::hostname().unwrap_or_else(|_| "unknown".to_owned());
        Ok(Self {
            settings,
            store,
            actor: Actor::command_line(&user, &host),
        })
    }

    /// Whose key it is.
    pub(super) async fn company_of(&self, client: &ClientId) -> anyhow::Result<CompanyId> {
        let key = self.store.find_api_key(client).await?;
        key.map(|key| key.company)
            .with_context(|| format!("there is no key {client}: see `rubrica key list`"))
    }

    /// Tells running replicas of a change that is committed. Where that fails, they find out by
    /// themselves, and the command has still done its work: a warning, no error.
    pub(super) async fn announce(&self, change: Change) {
        let redis = &self.settings.redis;
        let delay = humantime::format_duration(self.settings.auth.cache_ttl);
        let Some(url) = &redis.url else {
            eprintln!(
                "rubrica: warning: redis.url is not set: running replicas notice within {delay}"
            );
            return;
        };
        let announced = match redis::Client::open(url.connection_info().clone()) {
            Ok(client) => auth::announce(&client, &redis.prefix, &change).await,
            Err(error) => Err(error),
        };
        if announced.is_err() {
            eprintln!(
                "rubrica: warning: Redis is out of reach: running replicas notice within {delay}"
            );
        }
    }
}
