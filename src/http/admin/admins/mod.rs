//! `/admin/v1/admins`

mod admin;
pub(super) mod delete;
pub(super) mod disable;
pub(super) mod invite;
pub(super) mod read;
