//! The background tasks of a process.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::{debug, warn};

use super::retention;
use crate::ambient;
use crate::auth::{self, KeyCache};
use crate::config::Settings;
use crate::domain::TokenKeys;
use crate::metrics::RetentionTask;
use crate::readiness::Readiness;
use crate::store::Store;
use crate::usage::{self, Recorder};

/// The pause between two checks for filters that have to be built.
const FILTERS_PAUSE: Duration = Duration::from_secs(4);

/// Starts all background tasks. Dropping the returned set stops them.
pub(super) fn start(
    settings: &Settings,
    store: &Store,
    readiness: &Arc<Readiness>,
    redis: Option<&redis::Client>,
    keys: &Arc<KeyCache>,
    usage: &Arc<Recorder>,
) -> JoinSet<()> {
    let mut background = JoinSet::new();
    for worker in store.workers() {
        background.spawn(worker);
    }
    background.spawn({
        let (readiness, store) = (Arc::clone(readiness), store.clone());
        async move { readiness.watch(store).await }
    });
    background.spawn(warn_of_orphaned_keys(
        Arc::clone(readiness),
        store.clone(),
        settings.auth.token_keys(),
    ));
    if let Some(client) = redis.cloned() {
        let prefix = settings.redis.prefix.clone();
        background.spawn(auth::listen(client, prefix, Arc::clone(keys)));
    }
    background.spawn(finish_filters(Arc::clone(readiness), store.clone()));
    background.spawn(Arc::clone(usage).run(settings.usage.flush_interval));
    background.spawn(usage::enforce_retention(
        store.clone(),
        settings.usage.retention,
    ));
    for (task, retention) in [
        (RetentionTask::Contacts, settings.privacy.deleted_retention),
        (RetentionTask::Audit, settings.audit.retention),
    ] {
        background.spawn(retention::enforce(
            task,
            retention,
            store.clone(),
            Arc::clone(readiness),
        ));
    }
    background
}

/// Builds and drops filters by custom field that take too long for a request, or whose replica was killed.
async fn finish_filters(readiness: Arc<Readiness>, store: Store) {
    loop {
        tokio::time::sleep(ambient::jittered(FILTERS_PAUSE)).await;
        if readiness.can_serve()
            && let Err(cause) = store.finish_filters().await
        {
            debug!(%cause, "cannot build filters: it is retried");
        }
    }
}

/// Logs a warning if active keys are rejected because their secret is missing from `auth.token_key`.
async fn warn_of_orphaned_keys(readiness: Arc<Readiness>, store: Store, token_keys: TokenKeys) {
    while !readiness.can_serve() {
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    match auth::orphaned_keys(&store, &token_keys).await {
        Ok(orphans) => {
            for orphan in orphans {
                warn!("{orphan}");
            }
        }
        Err(cause) => warn!(%cause, "cannot check the secrets of active API keys"),
    }
}
