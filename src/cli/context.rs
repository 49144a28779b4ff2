//! What administrative commands work with.

use std::fmt::Display;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, ensure};

use crate::administration::{AdminPrincipal, Administration, AdministrationError};
use crate::ambient;
use crate::auth::{InvalidationPublisher, PublishError};
use crate::config::ManagementSettings;
use crate::domain::Actor;
use crate::store::{SchemaCompatibility, Store};

/// No page: all of a list.
pub(super) const ALL: i64 = i64::MAX;

/// The actions, and who is asking.
pub(super) struct AdminContext {
    pub(super) administration: Administration,
    pub(super) principal: AdminPrincipal,
}

impl AdminContext {
    /// Connects, and checks that the schema is there.
    pub(super) async fn new(settings: ManagementSettings) -> anyhow::Result<Self> {
        let store = Store::for_commands(&settings.database, &settings.batching)?;
        let compatibility = store.schema_compatibility().await.with_context(|| {
            let hosts = settings.database.url.hosts();
            format!("cannot use the database at {hosts}")
        })?;
        ensure!(
            compatibility == SchemaCompatibility::Compatible,
            "{compatibility}"
        );
        let user = whoami::username().unwrap_or_else(|_| "unknown".to_owned());
        let host = whoami::hostname().unwrap_or_else(|_| "unknown".to_owned());
        let delay = humantime::format_duration(settings.cache_ttl);
        // The command has done its work by then: a warning, no error.
        let warn = move |unheard| match unheard {
            PublishError::NoRedis => eprintln!(
                "rubrica: warning: redis.url is not set: running replicas notice within {delay}"
            ),
            PublishError::Unreachable(_) => eprintln!(
                "rubrica: warning: Redis is out of reach: running replicas notice within {delay}"
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

/// Adds where to look up what was not found.
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
