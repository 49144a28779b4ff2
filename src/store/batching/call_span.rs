//! Trace spans of batched calls.

use tracing::{Span, debug_span};

/// The span of a batched call. A batch runs in a task of its own, which does not inherit the span of
/// the caller. Empty if traces are off.
pub(in crate::store) struct CallSpan {
    caller: Span,
    stage: Span,
}

impl CallSpan {
    /// Opens the span of the wait in a queue.
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

    /// Closes the span of the queue, and opens that of a transaction with this many calls.
    pub(in crate::store) fn enter_transaction(&mut self, calls: usize) {
        self.stage = Span::none();
        if !self.caller.is_disabled() {
            self.stage = debug_span!(parent: &self.caller, "transaction", calls);
        }
    }

    /// Closes the span of a transaction that gave the call no result. Returns the caller's span.
    pub(in crate::store) fn leave_transaction(&mut self) -> Span {
        self.stage = Span::none();
        self.caller.clone()
    }
}
