//! Which thread is at work: an answer that comes on a connection of the thread that waits for it
//! needs to wake no other one.

use std::sync::atomic::{AtomicUsize, Ordering};

thread_local! {
    static NUMBER: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed)
    };
}

/// Which thread this is: they are numbered from 0, in the order in which they ask.
pub(crate) fn number() -> usize {
    NUMBER.with(|number| *number)
}
