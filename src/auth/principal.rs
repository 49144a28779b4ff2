//! Who is calling.

use std::sync::Arc;

use crate::domain::{
    ClientId, CompanyId, CompanySettings, CustomFieldRules, KeyAndCompany, Quota, Scopes,
};
use crate::usage::KeyMeter;

/// An authenticated caller. The company of every call comes from here alone.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The tenant.
    pub company: CompanyId,
    /// What the tenant chose about its contacts.
    pub settings: CompanySettings,
    /// What its contacts' custom fields have to be like.
    pub custom_field_rules: Arc<CustomFieldRules>,
    /// Whether the tenant is suspended: its keys are good, and permit nothing.
    pub is_suspended: bool,
    /// The key in use.
    pub client: ClientId,
    /// What the key may do.
    pub scopes: Scopes,
    /// The limits of the key and of its company; none: the configured default.
    pub quotas: KeyAndCompany<Option<Quota>>,
    /// Counts the key's requests.
    pub meter: Arc<KeyMeter>,
}
