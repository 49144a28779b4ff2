//! Statements of one company at work at once. Whoever is beyond the bound waits, in order.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::keyed_permits::KeyedPermits;
use crate::domain::CompanyId;
use crate::metrics::Metrics;

const NAME: &str = "statements";

/// Lets each company have so many statements at work at once, each on a connection of its own.
pub struct Statements {
    companies: KeyedPermits<CompanyId>,
    metrics: Arc<Metrics>,
}

/// Permits one statement of a company.
pub struct StatementPermit {
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
            companies: KeyedPermits::new(usize::try_from(each).unwrap_or(usize::MAX)),
            metrics,
        }
    }

    /// Waits until one more statement of this company may begin.
    pub async fn permit(&self, company: CompanyId) -> StatementPermit {
        let permit = self.companies.permit(company).await;
        self.metrics.fair_share.used(NAME, 1);
        StatementPermit {
            _permit: permit,
            metrics: Arc::clone(&self.metrics),
        }
    }
}
