//! `/admin/v1/companies`

mod company;
pub(super) mod create;
pub(super) mod read;
pub(super) mod update;
