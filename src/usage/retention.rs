//! Deletes old usage.

use std::time::Duration;

use tracing::debug;

use crate::ambient;
use crate::store::Store;

/// The pause between two deletions.
const PAUSE: Duration = Duration::from_hours(1);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_mins(1);

/// Deletes the hours that are older than `retention`, once an hour. Never returns.
pub async fn enforce_retention(store: Store, retention: Duration) {
    loop {
        let now = ambient::now();
        let pause = match store.forget_usage(now - retention, now).await {
            Ok(()) => PAUSE,
            Err(cause) => {
                debug!(%cause, "cannot delete old usage: it is retried");
                PAUSE_AFTER_FAILURE
            }
        };
        tokio::time::sleep(ambient::jittered(pause)).await;
    }
}
