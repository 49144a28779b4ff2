//! The context of administrative commands: the actions and their actor.

use std::fmt::Display;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, ensure};

use crate::administration::{AdminPrincipal, Administration, AdministrationError};
use crate::ambient;
use crate::auth::{InvalidationPublisher, PublishError};
use crate::config::ManagementSettings;
use crate::domain::Actor;
use crate::store::{SchemaCompatibility, Store};

/// The page size for a whole list.
pub(super) const ALL: i64 = i64::MAX;

/// The actions and their actor.
pub(super) struct AdminContext {
    pub(super) administration: Administration,
    pub(super) principal: AdminPrincipal,
}

impl AdminContext {
    /// Connects to the database and checks that the schema is compatible.
    pub(super) async fn new(settings: ManagementSettings) -> anyhow::Result<Self> {
        let store = Store::for_commands(&settings.database, &settings.batching)?;
        let schema = store.schema_compatibility().await.with_context(|| {
            let hosts = settings.database.url.hosts();
            format!("cannot use the database at {hosts}")
        })?;
        ensure!(schema == SchemaCompatibility::Compatible, "{schema}");
        let user = whoami::username().unwrap_or_else(|_| "unknown".to_owned());
        let host = whoami::hostname().unwrap_or_else(|_| "unknown".to_owned());
        let delay = humantime::format_duration(settings.cache_ttl);
        // The command has succeeded at this point, so this is a warning.
        let warn = move |error| match error {
            PublishError::NoRedis => eprintln!(
                "rubrica: warning: redis.url is not set: the change takes effect on running replicas within {delay}"
            ),
            PublishError::Unreachable(_) => eprintln!(
                "rubrica: warning: Redis is unavailable: the change takes effect on running replicas within {delay}"
            ),
        };
        let redis = &settings.redis;
        let client = redis
            .url
            .as_ref()
            .map(|url| redis::Client::open(url.connection_info().clone()))
            .transpose()?;
        let invalidations = Arc::new(InvalidationPublisher::new(
            client,
            redis.prefix.clone(),
            None,
            warn,
        ));
        Ok(Self {
            administration: Administration::for_commands(settings, store, invalidations)?,
            principal: AdminPrincipal::command_line(
                Actor::command_line(&user, &host),
                ambient::now(),
            ),
        })
    }
}

/// Adds the command that lists the existing items to an error about a missing one.
pub(super) fn explain(error: AdministrationError, name: &dyn Display) -> anyhow::Error {
    match error {
        AdministrationError::NoSuchCompany => {
            anyhow!("there is no company {name}: see `rubrica company list`")
        }
        AdministrationError::NoSuchKey => {
            anyhow!("there is no key {name}: see `rubrica key list --company ID`")
        }
        AdministrationError::NoSuchAdmin => {
            anyhow!("there is no administrator {name}: see `rubrica admin list`")
        }
        other => other.into(),
    }
}
