//! The end of what is kept for a time, for as long as the process lives.

use std::sync::Arc;
use std::time::Duration;

use tracing::warn;

use crate::ambient;
use crate::metrics::RetentionTask;
use crate::readiness::Readiness;
use crate::store::Store;

/// Between two looks for what is over its time.
const PAUSE: Duration = Duration::from_hours(1);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_mins(1);
/// Between two looks whether the schema is there.
const READINESS_PAUSE: Duration = Duration::from_millis(250);

/// Removes what is older than `retention`, again and again.
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
        let removed = match task {
            RetentionTask::Contacts => store.erase_expired_contacts(before).await,
            RetentionTask::Audit => store.delete_expired_audit_events(before).await,
        };
        let pause = match removed {
            Ok(()) => PAUSE,
            Err(error) => {
                store.count_failed_removal(task);
                warn!(%error, ?task, "what is over its time is removed later");
                PAUSE_AFTER_FAILURE
            }
        };
        tokio::time::sleep(ambient::jittered(pause)).await;
    }
}
