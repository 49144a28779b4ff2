//! Custom-field definitions, and filters by custom fields.

pub(super) mod definitions;
pub(super) mod filters;
