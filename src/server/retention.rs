//! Deletes expired data in the background.

use std::sync::Arc;
use std::time::Duration;

use tracing::warn;

use crate::ambient;
use crate::metrics::RetentionTask;
use crate::readiness::Readiness;
use crate::store::Store;

/// The pause between two deletions.
const PAUSE: Duration = Duration::from_hours(1);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_mins(1);
/// The pause between two checks for a ready schema.
const READINESS_PAUSE: Duration = Duration::from_millis(250);

/// Deletes data that is older than `retention`, once an hour. Never returns.
pub(super) async fn enforce(
    task: RetentionTask,
    retention: Duration,
    store: Store,
    readiness: Arc<Readiness>,
) {
    loop {
        while !readiness.can_serve() {
            tokio::time::sleep(READINESS_PAUSE).await;
        }
        let before = ambient::now() - retention;
        let deleted = match task {
            RetentionTask::Contacts => store.erase_expired_contacts(before).await,
            RetentionTask::Audit => store.delete_expired_audit_events(before).await,
        };
        let pause = match deleted {
            Ok(()) => PAUSE,
            Err(error) => {
                store.count_failed_removal(task);
                warn!(%error, ?task, "cannot delete expired data: it is retried");
                PAUSE_AFTER_FAILURE
            }
        };
        tokio::time::sleep(ambient::jittered(pause)).await;
    }
}
