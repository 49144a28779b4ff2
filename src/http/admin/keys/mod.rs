//! `/admin/v1/companies/{companyId}/keys` and `/admin/v1/keys`

pub(super) mod change;
pub(super) mod create;
mod key;
pub(super) mod read;
pub(super) mod rotate;
mod scopes;
pub(super) mod usage;
