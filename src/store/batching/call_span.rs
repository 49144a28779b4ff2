//! The spans of calls, for traces.

use tracing::{Span, debug_span};

/// The way of a call that shares a transaction: its caller's span does not reach the thread that does
/// the work. Where there are no traces, it holds nothing.
pub(in crate::store) struct CallSpan {
    caller: Span,
    stage: Span,
}

impl CallSpan {
    /// Begins to wait in a queue.
    pub(in crate::store) fn queued() -> Self {
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
    pub(in crate::store) fn enter_transaction(&mut self, calls: usize) {
        self.stage = Span::none();
        if !self.caller.is_disabled() {
            self.stage = debug_span!(parent: &self.caller, "transaction", calls);
        }
    }

    /// Leaves the transaction without a result, to go on alone.
    pub(in crate::store) fn leave_transaction(&mut self) -> Span {
        self.stage = Span::none();
        self.caller.clone()
    }
}
