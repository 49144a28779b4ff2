//! Waiting for a condition.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long a test waits for a condition before it fails. Even a busy machine needs less.
pub const PATIENCE: Duration = Duration::from_mins(1);

const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Repeats `probe` until `is_met` accepts what it returned, and returns that.
///
/// # Panics
/// After [`PATIENCE`], with the name of the condition and what `probe` returned last.
pub async fn eventually<T: Debug>(
    condition: &str,
    mut probe: impl AsyncFnMut() -> T,
    is_met: impl Fn(&T) -> bool,
) -> T {
    let start = Instant::now();
    loop {
        let seen = probe().await;
        if is_met(&seen) {
            return seen;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "waited for {condition}, and last saw {seen:?}"
        );
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}
