//! Statements of one company at work at once. Whoever is beyond the bound waits, in order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::CompanyId;
use crate::metrics::Metrics;

const NAME: &str = "statements";

/// Lets each company have so many statements at work at once, each on a connection of its own.
pub struct Statements {
    each: usize,
    companies: Mutex<HashMap<CompanyId, Weak<Semaphore>>>,
    metrics: Arc<Metrics>,
}

/// Permits one statement of a company.
pub struct StatementPermit {
    /// `None` only if the semaphore were closed, which nobody does.
    _permit: Option<OwnedSemaphorePermit>,
    metrics: Arc<Metrics>,
}

impl Drop for StatementPermit {
    fn drop(&mut self) {
        self.metrics.fair_share.released(NAME, 1);
    }
}

impl Statements {
    /// At most `each` statements of one company at once.
    #[must_use]
    pub fn new(each: u64, metrics: Arc<Metrics>) -> Self {
        Self {
            each: usize::try_from(each).map_or(Semaphore::MAX_PERMITS, |each| {
                each.min(Semaphore::MAX_PERMITS)
            }),
            companies: Mutex::default(),
            metrics,
        }
    }

    /// Waits until one more statement of this company may begin.
    pub async fn permit(&self, company: CompanyId) -> StatementPermit {
        let permit = self.semaphore(company).acquire_owned().await.ok();
        self.metrics.fair_share.used(NAME, 1);
        StatementPermit {
            _permit: permit,
            metrics: Arc::clone(&self.metrics),
        }
    }

    fn semaphore(&self, company: CompanyId) -> Arc<Semaphore> {
        let mut companies = self
            .companies
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(semaphore) = companies.get(&company).and_then(Weak::upgrade) {
            return semaphore;
        }
        // Those that nobody uses or waits for any more go when a new one comes.
        companies.retain(|_, semaphore| semaphore.strong_count() > 0);
        let semaphore = Arc::new(Semaphore::new(self.each));
        companies.insert(company, Arc::downgrade(&semaphore));
        semaphore
    }
}
