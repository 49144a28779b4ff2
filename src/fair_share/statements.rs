//! Statements of one company at work at once. Whoever is beyond the bound waits, in order.

use tokio::sync::OwnedSemaphorePermit;

use super::keyed_permits::KeyedPermits;
use crate::domain::CompanyId;
use crate::metrics::{Metrics, ResourceInUse};

const NAME: &str = "statements";

/// Lets each company have so many statements at work at once, each on a connection of its own.
pub struct Statements {
    companies: KeyedPermits<CompanyId>,
    in_use: ResourceInUse,
}

/// Permits one statement of a company.
pub struct StatementPermit {
    _permit: Option<OwnedSemaphorePermit>,
    in_use: ResourceInUse,
}

impl Drop for StatementPermit {
    fn drop(&mut self) {
        self.in_use.subtract(1);
    }
}

impl Statements {
    /// At most `each` statements of one company at once.
    #[must_use]
    pub fn new(each: u64, metrics: &Metrics) -> Self {
        Self {
            companies: KeyedPermits::new(usize::try_from(each).unwrap_or(usize::MAX)),
            in_use: metrics.fair_share.in_use(NAME),
        }
    }

    /// Waits until one more statement of this company may begin.
    pub async fn permit(&self, company: CompanyId) -> StatementPermit {
        let permit = self.companies.permit(company).await;
        self.in_use.add(1);
        StatementPermit {
            _permit: permit,
            in_use: self.in_use.clone(),
        }
    }
}
