//! Definitions of custom fields, and filters by their values.

pub(super) mod definitions;
pub(super) mod filters;
