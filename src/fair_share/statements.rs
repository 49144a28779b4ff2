//! Limits the statements that one company runs at the same time. Further statements wait in order of arrival.

use tokio::sync::OwnedSemaphorePermit;

use super::keyed_permits::KeyedPermits;
use crate::domain::CompanyId;
use crate::metrics::{Metrics, ResourceInUse};

const NAME: &str = "statements";

/// Limits the concurrent statements of each company. Each statement uses a connection of its own.
pub struct Statements {
    companies: KeyedPermits<CompanyId>,
    in_use: ResourceInUse,
}

/// The permit of one statement.
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
    /// Allows at most `each` statements per company at the same time.
    #[must_use]
    pub fn new(each: u64, metrics: &Metrics) -> Self {
        Self {
            companies: KeyedPermits::new(usize::try_from(each).unwrap_or(usize::MAX)),
            in_use: metrics.fair_share.in_use(NAME),
        }
    }

    /// Waits until this company may start another statement.
    pub async fn permit(&self, company: CompanyId) -> StatementPermit {
        let permit = self.companies.permit(company).await;
        self.in_use.add(1);
        StatementPermit {
            _permit: permit,
            in_use: self.in_use.clone(),
        }
    }
}
