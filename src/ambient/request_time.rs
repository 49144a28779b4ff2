//! How long a request has been at work: one clock for all that it asks of the database, so that the
//! waits of its parts do not add up.

use std::cell::Cell;
use std::time::Instant;

use super::instant;

tokio::task_local! {
    static STARTED_AT: Cell<Instant>;
}

/// Does the work of one request, whose time begins now.
pub async fn scope<F: Future>(work: F) -> F::Output {
    STARTED_AT.scope(Cell::new(instant()), work).await
}

/// When the time of the request that is being handled began; `None` outside of one.
#[must_use]
pub fn started_at() -> Option<Instant> {
    STARTED_AT.try_with(Cell::get).ok()
}

/// Waits for something that is no fault of the database, such as the caller's own body: the time that
/// it takes is not counted.
pub async fn exclude<F: Future>(wait: F) -> F::Output {
    let start = instant();
    let output = wait.await;
    // Outside of a request nothing is counted.
    let _ = STARTED_AT.try_with(|started_at| started_at.set(started_at.get() + start.elapsed()));
    output
}
