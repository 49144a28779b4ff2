//! Limits concurrent work per key. Callers above the limit wait in order of arrival.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One semaphore per key in use.
pub struct KeyedPermits<K> {
    each: usize,
    semaphores: Mutex<HashMap<K, Weak<Semaphore>>>,
}

impl<K: Eq + Hash> KeyedPermits<K> {
    /// Allows at most `each` permits per key at the same time.
    #[must_use]
    pub fn new(each: usize) -> Self {
        Self {
            each: each.min(Semaphore::MAX_PERMITS),
            semaphores: Mutex::default(),
        }
    }

    /// Waits for a permit. It is `None` only for a closed semaphore, and no code closes one.
    pub async fn permit(&self, key: K) -> Option<OwnedSemaphorePermit> {
        self.semaphore(key).acquire_owned().await.ok()
    }

    fn semaphore(&self, key: K) -> Arc<Semaphore> {
        let mut semaphores = self
            .semaphores
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(semaphore) = semaphores.get(&key).and_then(Weak::upgrade) {
            return semaphore;
        }
        // Unused semaphores are dropped when a new one is created.
        semaphores.retain(|_, semaphore| semaphore.strong_count() > 0);
        let semaphore = Arc::new(Semaphore::new(self.each));
        semaphores.insert(key, Arc::downgrade(&semaphore));
        semaphore
    }
}
