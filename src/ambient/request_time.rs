//! The start time of a request. All database calls of a request share one deadline that is counted from it.

use std::cell::Cell;
use std::time::Instant;

use super::instant;

tokio::task_local! {
    static STARTED_AT: Cell<Instant>;
}

/// Handles one request, whose time starts now.
pub async fn scope<F: Future>(work: F) -> F::Output {
    STARTED_AT.scope(Cell::new(instant()), work).await
}

/// When the current request started; `None` outside of a request.
#[must_use]
pub fn started_at() -> Option<Instant> {
    STARTED_AT.try_with(Cell::get).ok()
}

/// Waits for something other than the database, such as the body of the request. The wait does not count towards
/// the deadline of the database.
pub async fn exclude<F: Future>(wait: F) -> F::Output {
    let start = instant();
    let output = wait.await;
    // Outside of a request there is no start time to move.
    let _ = STARTED_AT.try_with(|started_at| started_at.set(started_at.get() + start.elapsed()));
    output
}
