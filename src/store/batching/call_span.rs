//! The spans of calls, for traces.

use tracing::{Level, Span, debug_span, span_enabled};

/// The span of a transaction for one call; none in the background, where nobody waits for it.
pub(super) fn transaction(call: &'static str) -> Span {
    if span_enabled!(Level::DEBUG) && !Span::current().is_none() {
        debug_span!("transaction", call, calls = 1)
    } else {
        Span::none()
    }
}

/// The way of a call that shares a transaction: its caller's span does not reach the thread that does
/// the work. Where there are no traces, it holds nothing.
pub(super) struct Journey {
    caller: Span,
    stage: Span,
}

impl Journey {
    /// Begins to wait in a queue.
    pub(super) fn queued() -> Self {
        let stage = debug_span!("queue");
        Self {
            caller: if stage.is_disabled() {
                Span::none()
            } else {
                Span::current()
            },
            stage,
        }
    }

    /// Leaves the queue for a transaction of `calls`.
    pub(super) fn enter_transaction(&mut self, calls: usize) {
        self.stage = Span::none();
        if !self.caller.is_disabled() {
            self.stage = debug_span!(parent: &self.caller, "transaction", calls);
        }
    }

    /// Leaves the transaction without a result, to go on alone.
    pub(super) fn leave_transaction(&mut self) -> Span {
        self.stage = Span::none();
        self.caller.clone()
    }
}
