//! `/public/v1/custom-fields`

pub(in crate::http) mod body;
pub(in crate::http) mod definitions;
