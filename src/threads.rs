//! Numbers threads, so that each can use a connection of its own: an answer on it does not have to wake another
//! thread.

use std::sync::atomic::{AtomicUsize, Ordering};

thread_local! {
    static NUMBER: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed)
    };
}

/// The number of the current thread. Threads are numbered from 0 in the order of their first call.
pub(crate) fn number() -> usize {
    NUMBER.with(|number| *number)
}
