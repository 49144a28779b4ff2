//! `/public/v1/custom-fields`

pub(super) mod create;
mod definition;
pub(super) mod delete;
pub(super) mod read;
pub(super) mod update;
