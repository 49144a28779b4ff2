//! The authenticated caller of the public API.

use std::sync::Arc;

use crate::domain::{
    ClientId, CompanyId, CompanySettings, CustomFieldRules, KeyAndCompany, Quota, Scopes,
};
use crate::usage::KeyMeter;

/// An authenticated caller. The company of every store call comes from here and from nowhere else.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The tenant.
    pub company: CompanyId,
    /// The tenant's settings for contacts.
    pub settings: CompanySettings,
    /// The rules for the custom fields of its contacts.
    pub custom_field_rules: Arc<CustomFieldRules>,
    /// Whether the tenant is suspended: its keys are valid, but all requests are rejected.
    pub is_suspended: bool,
    /// The key in use.
    pub client: ClientId,
    /// The scopes of the key.
    pub scopes: Scopes,
    /// The rate limits of the key and of its company; `None` is the configured default.
    pub quotas: KeyAndCompany<Option<Quota>>,
    /// Counts the key's requests.
    pub meter: Arc<KeyMeter>,
}
