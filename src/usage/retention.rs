//! The end of what was written down.

use std::time::Duration;

use tracing::debug;

use crate::ambient;
use crate::store::Store;

/// Between two passes over all keys.
const PAUSE: Duration = Duration::from_hours(1);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_mins(1);

/// Deletes the hours that are older than `retention`, for as long as the process lives.
pub async fn enforce_retention(store: Store, retention: Duration) {
    loop {
        let now = ambient::now();
        let pause = match store.forget_usage(now - retention, now).await {
            Ok(()) => PAUSE,
            Err(cause) => {
                debug!(%cause, "old usage is deleted later");
                PAUSE_AFTER_FAILURE
            }
        };
        tokio::time::sleep(ambient::jittered(pause)).await;
    }
}
