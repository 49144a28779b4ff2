//! Actions on companies.

use super::{AdminPrincipal, Administration, AdministrationError};
use crate::auth::Change;
use crate::domain::{AuditFilter, Company, CompanyChange, CompanyId, Label, RecordedEvent};

impl Administration {
    /// Creates a company.
    ///
    /// # Errors
    /// If the caller is no operator.
    pub async fn create_company(
        &self,
        principal: &AdminPrincipal,
        name: &Label,
    ) -> Result<Company, AdministrationError> {
        principal.operator("only operators create companies")?;
        Ok(self
            .store
            .create_company(principal.actor(), name, principal.now())
            .await?)
    }

    /// Up to `limit` companies with ids above `after`. A company administrator gets only their own.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn list_companies(
        &self,
        principal: &AdminPrincipal,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Company>, AdministrationError> {
        Ok(self
            .store
            .list_companies(principal.reach(), after, limit)
            .await?)
    }

    /// One company.
    ///
    /// # Errors
    /// If there is none.
    pub async fn find_company(
        &self,
        principal: &AdminPrincipal,
        company: CompanyId,
    ) -> Result<Company, AdministrationError> {
        let company = principal.look_at(company)?;
        let found = self.store.list_companies(Some(company), 0, 1).await?;
        found
            .into_iter()
            .next()
            .ok_or(AdministrationError::NoSuchCompany)
    }

    /// Changes a company, and notifies the replicas, even if nothing changed: a replica may have missed the
    /// previous notification.
    ///
    /// # Errors
    /// If there is none, or a company administrator suspends it or sets its limits.
    pub async fn change_company(
        &self,
        principal: &AdminPrincipal,
        company: CompanyId,
        change: &CompanyChange,
    ) -> Result<Company, AdministrationError> {
        let company = principal.change(company)?;
        if change.suspended.is_some() || change.rate_limit.is_some() {
            principal.operator("only operators suspend companies or set rate limits")?;
        }
        let changed = self
            .store
            .update_company(principal.actor(), company, change, principal.now())
            .await?
            .ok_or(AdministrationError::NoSuchCompany)?;
        self.invalidations.publish(Change::Company(company)).await;
        Ok(changed)
    }

    /// Up to `limit` audit events with ids below `before`, the newest first: of one company, or of all in
    /// reach.
    ///
    /// # Errors
    /// If the company is out of reach.
    pub async fn list_audit_events(
        &self,
        principal: &AdminPrincipal,
        company: Option<CompanyId>,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<RecordedEvent>, AdministrationError> {
        let company = match company {
            Some(company) => Some(principal.look_at(company)?),
            None => principal.reach(),
        };
        let events = self.store.list_audit_events(company, filter, before, limit);
        Ok(events.await?)
    }
}
